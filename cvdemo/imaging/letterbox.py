"""A picture laid into a network's input with its proportions kept, and maps laid back onto the picture."""

from __future__ import annotations

from math import ceil, floor
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import Letterbox

Interpolation = Literal["nearest", "bilinear", "bicubic", "area"]
_FLAGS = {"nearest": 0, "bilinear": 1, "bicubic": 2, "area": 3}  # cv2.INTER_*
_Scalar = TypeVar("_Scalar", np.uint8, np.float32)


def letterbox(
    pixels: NDArray[np.uint8],
    input_hw: tuple[int, int],
    *,
    fill: int | tuple[int, int, int] = 0,
    centre: bool = True,
    interpolation: Interpolation = "bilinear",
) -> tuple[NDArray[np.uint8], Letterbox]:
    """Scale a picture to fit into input_hw and fill the rest.

    pixels: (H, W, 3) uint8. centre: half of the rest on either side, the odd pixel at the right or bottom;
    else all of it there. interpolation: bilinear without smoothing is what the networks here were measured
    with; area avoids moiré when shrinking. Returns (h, w, 3) uint8 and where the picture lies in it.
    """
    height, width = pixels.shape[:2]
    box = (0.0, 0.0, float(width), float(height))
    return crop_letterbox(pixels, box, input_hw, fill=fill, centre=centre, interpolation=interpolation)


def crop_letterbox(
    pixels: NDArray[np.uint8],
    box: tuple[float, float, float, float],
    input_hw: tuple[int, int],
    *,
    fill: int | tuple[int, int, int] = 0,
    centre: bool = True,
    interpolation: Interpolation = "bilinear",
) -> tuple[NDArray[np.uint8], Letterbox]:
    """Cut a box out of a picture, scale it to fit into input_hw, fill what lies outside of box or picture.

    pixels: (H, W, 3) uint8. box: x0, y0, x1, y1 in picture pixels, widened to whole pixels; it may reach
    beyond the picture (clip it first if the part outside should not be there). Returns (h, w, 3) uint8 and
    the mapping between the whole picture's pixels and the input's. Raises ValueError for a box without area.
    """
    import cv2

    height, width = pixels.shape[:2]
    input_h, input_w = input_hw
    x0, y0, x1, y1 = floor(box[0]), floor(box[1]), ceil(box[2]), ceil(box[3])
    if x1 <= x0 or y1 <= y0:
        raise ValueError(f"box {box} has no area")
    scale = min(input_w / (x1 - x0), input_h / (y1 - y0))
    left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    out = np.empty((input_h, input_w, 3), np.uint8)
    out[:] = fill
    if right <= left or bottom <= top:
        return out, Letterbox((height, width), input_hw, (scale, scale), (-x0 * scale, -y0 * scale))

    start_x, new_w, scale_x = _place(x0, x1, left, right, input_w, scale, centre)
    start_y, new_h, scale_y = _place(y0, y1, top, bottom, input_h, scale, centre)
    part = np.ascontiguousarray(pixels[top:bottom, left:right])
    resized = cv2.resize(part, (new_w, new_h), interpolation=_FLAGS[interpolation])
    out[start_y : start_y + new_h, start_x : start_x + new_w] = resized
    pad = (start_x - left * scale_x, start_y - top * scale_y)
    return out, Letterbox((height, width), input_hw, (scale_x, scale_y), pad)


def _place(
    box0: int, box1: int, inside0: int, inside1: int, room: int, scale: float, centre: bool
) -> tuple[int, int, float]:
    """Along one axis: start and length, in the input, of the part inside the picture, and its exact scale."""
    whole = min(max(1, round((box1 - box0) * scale)), room)
    pad = (room - whole) // 2 if centre else 0
    length = min(max(1, round((inside1 - inside0) * scale)), room)
    start = min(pad + round((inside0 - box0) * scale), room - length)
    return start, length, length / (inside1 - inside0)


def unletterbox(
    values: NDArray[_Scalar],
    letterbox: Letterbox,
    out_hw: tuple[int, int] | None = None,
    interpolation: Interpolation = "bilinear",
) -> NDArray[_Scalar]:
    """Lay a map that covers the network's whole input back onto the picture.

    values: (h, w) or (h, w, C) of any grid size (stride 1 to 32), uint8 or float32. out_hw: size of the
    answer, which covers the whole picture; the picture's own size when not given. Beyond the map its edge is
    repeated.
    """
    import cv2

    map_h, map_w = values.shape[:2]
    out_h, out_w = out_hw or letterbox.size_hw
    rows = []
    for axis, (cells, out) in enumerate(((map_w, out_w), (map_h, out_h))):
        size, room = letterbox.size_hw[1 - axis], letterbox.input_hw[1 - axis]
        cells_per_input = cells / room
        scale = size / out * letterbox.scale_xy[axis] * cells_per_input
        # Pixel i covers i..i+1, its centre is i + 0.5: the halves keep edges on edges.
        shift = letterbox.pad_xy[axis] * cells_per_input + 0.5 * scale - 0.5
        rows.append((scale, 0.0, shift) if axis == 0 else (0.0, scale, shift))
    flags = _FLAGS[interpolation] | cv2.WARP_INVERSE_MAP
    matrix = np.array(rows, np.float64)
    laid = cv2.warpAffine(values, matrix, (out_w, out_h), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return laid.astype(values.dtype, copy=False)
