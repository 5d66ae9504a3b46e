"""Where the labels of boxes go: beside their box, inside the picture, off each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from PIL import ImageDraw, ImageFont

from cvdemo.viz.palette import RGB, text_color

Box = tuple[float, float, float, float]
#: Longest side, in pixels, below which a picture has no room for comfortable text and lines.
SMALL = 300
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=32)
def font(size: int) -> Font:
    """Pillow's own scalable typeface at that many pixels; it comes with every installation."""
    return ImageFont.load_default(size)


def font_size(size_hw: tuple[int, int]) -> int:
    """Pixels of label text, in proportion to the picture: 17 on one of 1000 x 800, never below 12 (9 on thumbnails)."""
    return max(12 if max(size_hw) >= SMALL else 9, round((size_hw[0] + size_hw[1]) / 2 * 0.019))


def place_plates(boxes: Sequence[Box], sizes: Sequence[tuple[float, float]], size_hw: tuple[int, int]) -> list[Box]:
    """A plate for each box, all within the picture, overlapping earlier plates as little as possible.

    boxes: x0, y0, x1, y1, the most important first. sizes: width and height of the plates, at most the
    picture's. Of nine places around and in a box the first free one is taken, or else the least covered one.
    """
    placed: list[Box] = []
    for box, (width, height) in zip(boxes, sizes, strict=True):
        candidates = [_inside(place, size_hw) for place in _candidates(box, width, height)]
        placed.append(min(candidates, key=lambda plate: sum(_overlap(plate, other) for other in placed)))
    return placed


def _candidates(box: Box, width: float, height: float) -> Iterable[Box]:
    """Places for a plate, best first; min() keeps the first of equals."""
    x0, y0, x1, y1 = box
    for x in (x0, x1 - width):
        for y in (y0 - height, y0, y1 - height, y1):
            yield x, y, x + width, y + height
    middle = (y0 + y1 - height) / 2
    yield x0, middle, x0 + width, middle + height


def _inside(box: Box, size_hw: tuple[int, int]) -> Box:
    x0, y0, x1, y1 = box
    left = min(max(x0, 0), max(size_hw[1] - (x1 - x0), 0))
    top = min(max(y0, 0), max(size_hw[0] - (y1 - y0), 0))
    return left, top, left + x1 - x0, top + y1 - y0


def _overlap(a: Box, b: Box) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0)


def draw_plates(
    draw: ImageDraw.ImageDraw,
    boxes: Sequence[Box],
    texts: Sequence[str],
    colors: Sequence[RGB],
    size_hw: tuple[int, int],
) -> None:
    """Write a text on a plate of its colour beside each box, the first box being the most important.

    A text that is longer than the picture is wide is cut with an ellipsis; where not even that fits, there is
    no plate.
    """
    face = font(font_size(size_hw))
    pad_x, pad_y = font_size(size_hw) * 0.3, font_size(size_hw) * 0.15
    line = sum(face.getmetrics()) if isinstance(face, ImageFont.FreeTypeFont) else 11
    height = line + 2 * pad_y
    if height > size_hw[0] / 2:
        return
    fitted = [_cut(face, text, size_hw[1] - 2 * pad_x) for text in texts]
    rows = [i for i, text in enumerate(fitted) if text]
    sizes = [(face.getlength(fitted[i]) + 2 * pad_x, height) for i in rows]
    plates = place_plates([boxes[i] for i in rows], sizes, size_hw)
    # The most important is drawn last, so that nothing covers it.
    for i, plate in reversed(list(zip(rows, plates, strict=True))):
        draw.rectangle([round(v) for v in (plate[0], plate[1], plate[2] - 1, plate[3] - 1)], fill=colors[i])
        draw.text((plate[0] + pad_x, plate[1] + pad_y), fitted[i], font=face, fill=text_color(colors[i]))


def _cut(face: Font, text: str, width: float) -> str:
    """The text, shortened until it fits; empty when fewer than two of its letters would be left."""
    if face.getlength(text) <= width:
        return text
    for length in range(len(text) - 1, 1, -1):
        if face.getlength(text[:length].rstrip() + "…") <= width:
            return text[:length].rstrip() + "…"
    return ""
