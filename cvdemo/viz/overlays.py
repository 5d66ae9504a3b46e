"""Boxes, masks and skeletons drawn on a copy of the picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageDraw

from cvdemo.labels import KEYPOINTS
from cvdemo.types import Classification, Detections, Image, Poses, Segmentation
from cvdemo.viz.labels import SMALL, Box, draw_plates, font_size
from cvdemo.viz.palette import LEFT, MIDDLE, PALETTE, RGB, RIGHT, class_color

Pixels = NDArray[np.uint8]
MASK_OPACITY = 0.55
#: Bits of fraction in the coordinates given to cv2: sixteenths of a pixel.
_SHIFT = 4
_DARK: RGB = (20, 20, 20)


def draw_boxes(
    image: Image | Pixels,
    detections: Detections,
    class_names: Sequence[str],
    *,
    labels: bool = True,
    highlight: int | None = None,
    numbers: Sequence[int] | None = None,
) -> Pixels:
    """Boxes in their class's colour with name and score on a plate.

    image: the picture the boxes belong to. class_names: by class_id. highlight: index of the box to bring out;
    the others fade. numbers: written behind the name of each box, where positive. Returns a copy, (H, W, 3) uint8 RGB.
    """
    pixels = _copy(image)
    order = np.argsort(-detections.scores, kind="stable")
    boxes: list[Box] = [tuple(map(float, row)) for row in detections.xyxy]  # type: ignore[misc]
    colors = [class_color(int(i)) for i in detections.class_ids]
    shown = [int(i) for i in order if highlight is None or i != highlight]
    _outline(pixels, [boxes[i] for i in shown], [colors[i] for i in shown])
    if highlight is not None and 0 <= highlight < len(boxes):
        pixels = _faded(pixels, image)
        shown = [highlight]
        _outline(pixels, [boxes[highlight]], [colors[highlight]], extra=1)
    if not labels or not shown:
        return pixels
    names = [f"{class_names[detections.class_ids[i]]}{_number(numbers, i)}" for i in shown]
    texts = [f"{name} {detections.scores[i]:.2f}" for name, i in zip(names, shown, strict=True)]
    return _labelled(pixels, [boxes[i] for i in shown], texts, [colors[i] for i in shown])


def draw_masks(
    image: Image | Pixels,
    segmentation: Segmentation,
    *,
    opacity: float = MASK_OPACITY,
    class_ids: Collection[int] | None = None,
    contour: bool = True,
) -> Pixels:
    """Every pixel tinted with its class's colour, and a thin line where classes meet.

    opacity: 0 (only the lines) to 1. class_ids: classes shown, None for all. Returns a copy, (H, W, 3) uint8 RGB.
    """
    import cv2

    pixels = np.ascontiguousarray(image.pixels if isinstance(image, Image) else image)
    class_map = segmentation.class_map
    table = np.resize(np.array(PALETTE, np.uint8), (256, 1, 3))
    tint = cv2.applyColorMap(class_map, table)  # only a table look-up: the order of the channels stays
    drawn = cv2.addWeighted(pixels, 1 - opacity, tint, opacity, 0)
    if contour:
        drawn = cv2.copyTo(tint, _edges(class_map, _hairline(pixels)), drawn)
    if class_ids is not None:
        hidden = np.ones(256, np.uint8)
        hidden[list(class_ids)] = 0
        drawn = cv2.copyTo(pixels, cv2.LUT(class_map, hidden), drawn)
    return np.asarray(drawn, np.uint8)


def draw_poses(
    image: Image | Pixels,
    poses: Poses,
    *,
    keypoint_threshold: float = 0.3,
    boxes: bool = False,
    labels: bool = False,
    highlight: int | None = None,
    numbers: Sequence[int] | None = None,
) -> Pixels:
    """Skeletons: the person's left side blue, right side orange, the middle yellow.

    keypoint_threshold: joints below it, and the limbs that need them, are left out. boxes, labels: the person's
    box, and its number and score on a plate. highlight: index of the person to bring out; the others fade.
    numbers: of the people, where positive; without them they count in the order of poses, from 1. Returns a copy,
    (H, W, 3) uint8 RGB.
    """
    pixels = _copy(image)
    people = range(len(poses))
    for i in (p for p in people if p != highlight):
        _skeleton(pixels, poses, i, keypoint_threshold)
    shown = list(people)
    if highlight is not None and 0 <= highlight < len(poses):
        pixels = _faded(pixels, image)
        _skeleton(pixels, poses, highlight, keypoint_threshold)
        shown = [highlight]
    corners: list[Box] = [tuple(map(float, poses.boxes.xyxy[i])) for i in shown]  # type: ignore[misc]
    colors = [class_color(0)] * len(shown)
    if boxes:
        _outline(pixels, corners, colors)
    if not labels or not shown:
        return pixels
    numbers = range(1, len(poses) + 1) if numbers is None else numbers
    texts = [f"person{_number(numbers, i)}  {poses.boxes.scores[i]:.2f}" for i in shown]
    return _labelled(pixels, corners, texts, colors)


def draw_classes(image: Image | Pixels, classification: Classification, *, top_k: int = 3) -> Pixels:
    """The most probable classes written into the top left corner, best first. Returns a copy, (H, W, 3) uint8 RGB."""
    pixels = _copy(image)
    top = classification.top(top_k)
    line = font_size((pixels.shape[0], pixels.shape[1])) * 1.6
    boxes: list[Box] = [(0.0, line * (i + 1), 0.0, line * (i + 1)) for i in range(len(top))]
    texts = [f"{name} {prob:.0%}" for _, name, prob in top]
    return _labelled(pixels, boxes, texts, [class_color(class_id) for class_id, _, _ in top])


def _number(numbers: Sequence[int] | None, i: int) -> str:
    return f" {numbers[i]}" if numbers is not None and numbers[i] > 0 else ""


def line_width(size_hw: tuple[int, int]) -> int:
    """Pixels of a box's line, in proportion to the picture: 3 on one of 1000 x 800."""
    return max(2 if max(size_hw) >= SMALL else 1, round((size_hw[0] + size_hw[1]) / 2 * 0.003))


def _copy(image: Image | Pixels) -> Pixels:
    return np.array(image.pixels if isinstance(image, Image) else image, order="C")


def _faded(pixels: Pixels, image: Image | Pixels) -> Pixels:
    """What has been drawn so far, at a quarter of its strength."""
    import cv2

    original = image.pixels if isinstance(image, Image) else image
    return np.asarray(cv2.addWeighted(pixels, 0.25, original, 0.75, 0), np.uint8)


def _hairline(pixels: Pixels) -> int:
    """One pixel, or what looks like one when a large picture is shown at about 1600 pixels."""
    return max(1, round(max(pixels.shape[:2]) / 1600))


def _rim(pixels: Pixels) -> int:
    """Width of the dark rim around lines; a small picture has no room for one."""
    return _hairline(pixels) if max(pixels.shape[:2]) >= SMALL else 0


def _outline(pixels: Pixels, boxes: Sequence[Box], colors: Sequence[RGB], extra: int = 0) -> None:
    """Rectangles, each with a dark hairline on both sides so that it shows on any background. In place."""
    import cv2

    height, width = pixels.shape[:2]
    stroke, rim = line_width((height, width)) + extra, _rim(pixels)
    for (x0, y0, x1, y1), color in reversed(list(zip(boxes, colors, strict=True))):
        # Kept whole within the picture: a line on its very border would be half cut off.
        left, right = (int(min(max(round(v), 0), width - 1)) for v in (x0, x1 - 1))
        top, bottom = (int(min(max(round(v), 0), height - 1)) for v in (y0, y1 - 1))
        inset = min(stroke // 2, (right - left) // 2, (bottom - top) // 2)
        corners = (left + inset, top + inset), (right - inset, bottom - inset)
        if rim:
            dark = tuple(v // 4 for v in color)
            cv2.rectangle(pixels, *corners, dark, stroke + 2 * rim)
        cv2.rectangle(pixels, *corners, color, stroke)


def _labelled(pixels: Pixels, boxes: Sequence[Box], texts: Sequence[str], colors: Sequence[RGB]) -> Pixels:
    picture = PILImage.fromarray(pixels)
    draw_plates(ImageDraw.Draw(picture), boxes, texts, colors, (pixels.shape[0], pixels.shape[1]))
    return np.array(picture)


def _edges(class_map: NDArray[np.uint8], thickness: int) -> NDArray[np.uint8]:
    """(H, W), not 0 at the last pixels of each class before another one to the right or below, thickened."""
    import cv2

    edges = np.zeros(class_map.shape, np.uint8)
    np.not_equal(class_map[:, :-1], class_map[:, 1:], out=edges[:, :-1].view(bool))
    edges[:-1] |= np.not_equal(class_map[:-1], class_map[1:]).view(np.uint8)
    if thickness > 1:
        edges = np.asarray(cv2.dilate(edges, np.ones((thickness, thickness), np.uint8)), np.uint8)
    return edges


def _skeleton(pixels: Pixels, poses: Poses, person: int, threshold: float) -> None:
    """One person's limbs and joints, with a dark rim. In place."""
    import cv2

    seen = poses.keypoint_scores[person] >= threshold
    fixed = np.round(np.clip(poses.keypoints[person], -1e4, 6e4) * 2**_SHIFT).astype(int)
    points: list[tuple[int, int]] = [(int(x), int(y)) for x, y in fixed]
    sides = [_side(joint) for joint in range(len(points))]
    # Thin on the small people of a crowd: a fortieth of their height at most.
    box = poses.boxes.xyxy[person]
    stroke = max(1, min(round(line_width(poses.size_hw) * 1.5), round(float(box[3] - box[1]) / 40)))
    rim = _rim(pixels)
    limbs = [(a, b) for a, b in poses.skeleton if seen[a] and seen[b]]
    for a, b in limbs if rim else ():
        cv2.line(pixels, points[a], points[b], _DARK, stroke + 2 * rim, cv2.LINE_AA, _SHIFT)
    for a, b in limbs:
        color = sides[a] if sides[a] == sides[b] else MIDDLE
        cv2.line(pixels, points[a], points[b], color, stroke, cv2.LINE_AA, _SHIFT)
    radius = (stroke + 1) * 2**_SHIFT
    for joint in np.flatnonzero(seen):
        if rim:
            cv2.circle(pixels, points[joint], radius + rim * 2**_SHIFT, _DARK, -1, cv2.LINE_AA, _SHIFT)
        cv2.circle(pixels, points[joint], radius, sides[joint], -1, cv2.LINE_AA, _SHIFT)


def _side(joint: int) -> RGB:
    name = KEYPOINTS[joint] if joint < len(KEYPOINTS) else ""
    return LEFT if name.startswith("left") else RIGHT if name.startswith("right") else MIDDLE
