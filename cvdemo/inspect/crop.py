"""Which cells of a feature map lie on the picture, and not on the padding around it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import Letterbox

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """rows, columns: the cells that touch the picture, as half-open ranges. area: left, top, right and bottom edge of
    those cells in picture pixels; it reaches over the picture's edge by less than a cell."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    area: tuple[float, float, float, float]

    def cut(self, maps: NDArray[Scalar]) -> NDArray[Scalar]:
        """Those cells of (C, h, w) maps."""
        return maps[:, slice(*self.rows), slice(*self.columns)]


#: Top, left, bottom, right of a part of the network's input, in input pixels.
Content = tuple[int, int, int, int]


def content_of(inputs: NDArray[np.float32]) -> Content:
    """The part of a (C, H, W) input outside of which everything is 0: pictures are padded with it, and people who
    were cut out of one are too."""
    height, width = inputs.shape[1:]
    filled = (inputs != 0).any(axis=0)
    rows, columns = np.flatnonzero(filled.any(axis=1)), np.flatnonzero(filled.any(axis=0))
    if not len(rows):
        return 0, 0, height, width
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def crop_of(shape: tuple[int, int, int], letterbox: Letterbox, content: Content) -> Crop:
    """The cells of feature maps of that shape (C, h, w) that touch the picture, when the maps cover the whole of the
    network's input, letterbox says where in it the picture lies, and content which part of it is not padding."""
    rows, top, bottom = _axis(shape[1], 0, letterbox, (content[0], content[2]))
    columns, left, right = _axis(shape[2], 1, letterbox, (content[1], content[3]))
    return Crop(rows=rows, columns=columns, area=(left, top, right, bottom))


def area_of(box: Letterbox) -> tuple[float, float, float, float]:
    """Left, top, right and bottom edge of the network's input in picture pixels; may lie outside the picture."""
    (height, width), (pad_x, pad_y), (scale_x, scale_y) = box.input_hw, box.pad_xy, box.scale_xy
    return -pad_x / scale_x, -pad_y / scale_y, (width - pad_x) / scale_x, (height - pad_y) / scale_y


def _axis(cells: int, axis: int, box: Letterbox, content: tuple[int, int]) -> tuple[tuple[int, int], float, float]:
    """axis: 0 for rows, 1 for columns. The range of cells and its two edges in picture pixels."""
    size, pad, scale = box.size_hw[axis], box.pad_xy[1 - axis], box.scale_xy[1 - axis]
    cell = box.input_hw[axis] / cells
    start, end = max(pad, content[0]), min(pad + size * scale, content[1])
    first = min(max(floor(start / cell + 1e-6), 0), cells - 1)
    last = max(min(ceil(end / cell - 1e-6), cells), first + 1)
    return (first, last), (first * cell - pad) / scale, (last * cell - pad) / scale
