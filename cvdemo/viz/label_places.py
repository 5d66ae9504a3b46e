"""On which side of its mark each label of a scatter plot stands, so that labels keep clear of marks and each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: plotly's name of a side -> where a label's middle lies, in half widths and heights of mark and label.
_SIDES = {"top center": (0, -1), "bottom center": (0, 1), "middle right": (1, 0), "middle left": (-1, 0)}
#: Width of a letter and height of a line of the small print, in pixels.
_LETTER, _LINE = 6.6, 15.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark and its label. x, y: of its middle in pixels, y downwards. diameter: in pixels."""

    x: float
    y: float
    diameter: float
    text: str


def sides(marks: Sequence[Mark], taken: Sequence[Box] = ()) -> list[str]:
    """A side for each label in order, plotly's textposition: the first of above, below, right and left that covers the
    least of the marks, of the labels placed before it and of the boxes taken (left, top, right, bottom)."""
    filled = [*taken, *(_square(mark) for mark in marks)]
    chosen = []
    for mark in marks:
        others = [box for box in filled if box != _square(mark)]
        side = min(_SIDES, key=lambda side: sum(_shared(_label(mark, side), box) for box in others))
        filled.append(_label(mark, side))
        chosen.append(side)
    return chosen


def _square(mark: Mark) -> Box:
    half = mark.diameter / 2
    return (mark.x - half, mark.y - half, mark.x + half, mark.y + half)


def _label(mark: Mark, side: str) -> Box:
    across, down = _SIDES[side]
    half_width, half_height = _LETTER * len(mark.text) / 2, _LINE / 2
    x = mark.x + across * (mark.diameter / 2 + half_width)
    y = mark.y + down * (mark.diameter / 2 + half_height)
    return (x - half_width, y - half_height, x + half_width, y + half_height)


def _shared(a: Box, b: Box) -> float:
    """Area that two boxes share, in square pixels."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)
