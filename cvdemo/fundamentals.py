"""Convolution, ReLU and max-pooling written out in numpy: what a network's first layer does, on one grid of numbers.

What torch.nn.functional calls conv2d is what is done here: the kernel is not flipped, padding is zeros.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cvdemo.errors import UsageError

Channel = Literal["grey", "red", "green", "blue"]
Plane = NDArray[np.float64]
SIZES = (3, 5)
STRIDES = (1, 2, 3)
PADDINGS = (0, 1, 2)
#: Side of a max-pooling window, which is also its step; 0 for none.
POOLS = (0, 2, 3)
LARGEST_WEIGHT = 1000
#: A decimal, or a fraction of whole numbers. The browser's component has the same expression.
_NUMBER = re.compile(r"[+-]?(\d{1,9}/\d{1,9}|\d{1,9}(\.\d{0,9})?|\.\d{1,9})", re.ASCII)

#: Kernels to start with, by name and side; rows from top to bottom. Blur at 5x5 is the binomial one, horizontal and
#: vertical edges are Sobel's, and 5x5 Laplacian is that of a Gaussian.
PRESETS: dict[str, dict[int, str]] = {
    "identity": {
        3: "0 0 0; 0 1 0; 0 0 0",
        5: "0 0 0 0 0; 0 0 0 0 0; 0 0 1 0 0; 0 0 0 0 0; 0 0 0 0 0",
    },
    "blur": {
        3: "1/9 1/9 1/9; 1/9 1/9 1/9; 1/9 1/9 1/9",
        5: "1/256 4/256 6/256 4/256 1/256; 4/256 16/256 24/256 16/256 4/256; 6/256 24/256 36/256 24/256 6/256; "
        "4/256 16/256 24/256 16/256 4/256; 1/256 4/256 6/256 4/256 1/256",
    },
    "sharpen": {
        3: "0 -1 0; -1 5 -1; 0 -1 0",
        5: "0 0 -1 0 0; 0 -1 -2 -1 0; -1 -2 17 -2 -1; 0 -1 -2 -1 0; 0 0 -1 0 0",
    },
    "horizontal": {
        3: "-1 -2 -1; 0 0 0; 1 2 1",
        5: "-1 -4 -6 -4 -1; -2 -8 -12 -8 -2; 0 0 0 0 0; 2 8 12 8 2; 1 4 6 4 1",
    },
    "vertical": {
        3: "-1 0 1; -2 0 2; -1 0 1",
        5: "-1 -2 0 2 1; -4 -8 0 8 4; -6 -12 0 12 6; -4 -8 0 8 4; -1 -2 0 2 1",
    },
    "laplacian": {
        3: "0 1 0; 1 -4 1; 0 1 0",
        5: "0 0 1 0 0; 0 1 2 1 0; 1 2 -16 2 1; 0 1 2 1 0; 0 0 1 0 0",
    },
    "emboss": {
        3: "-2 -1 0; -1 1 1; 0 1 2",
        5: "-2 -1 -1 0 0; -1 -1 0 0 0; -1 0 1 0 1; 0 0 0 1 1; 0 0 1 1 2",
    },
}


def preset(name: str, side: int) -> list[list[str]]:
    """The cells of a preset as a user would type them."""
    return [row.split() for row in PRESETS[name][side].split(";")]


def parse_kernel(cells: Sequence[Sequence[str]]) -> Plane:
    """(k, k) float64 from typed cells: whole numbers, decimals (point or comma) and fractions such as 1/9.

    Raises UsageError for what is no such number, for one beyond +-1000 and for a grid that is not 3x3 or 5x5.
    """
    side = len(cells)
    if side not in SIZES or any(len(row) != side for row in cells):
        raise UsageError("A kernel here has 3 × 3 or 5 × 5 cells; choose one of the two sizes.")
    return np.array([[parse_weight(cell) for cell in row] for row in cells], np.float64)


def parse_weight(text: str) -> float:
    """One typed weight. Raises UsageError."""
    typed = text.strip().replace("−", "-").replace(",", ".")
    shown = typed[:12] or " "
    top, _, bottom = typed.partition("/")
    if not _NUMBER.fullmatch(typed) or (bottom and int(bottom) == 0):
        raise UsageError(f"'{shown}' is not a number; type one such as 2, -0.5 or 1/9.")
    value = float(top) / (int(bottom) if bottom else 1)
    if abs(value) > LARGEST_WEIGHT:
        raise UsageError(f"{shown} is too large for this page; keep to numbers from -1000 to 1000.")
    return value


def channel_plane(pixels: NDArray[np.uint8], channel: Channel) -> Plane:
    """(H, W) float64, whole numbers 0..255, of (H, W, 3) RGB. Grey weighs the colours as Rec. 601 does, rounded."""
    if channel == "grey":
        values = pixels.astype(np.int64) @ np.array([299, 587, 114])
        return ((values + 500) // 1000).astype(np.float64)
    return pixels[..., ("red", "green", "blue").index(channel)].astype(np.float64)


def conv2d(plane: Plane, kernel: Plane, stride: int = 1, padding: int = 0) -> Plane:
    """(H, W) and (k, k) -> (h, w) with h = floor((H + 2 padding - k) / stride) + 1: sums of products, as
    torch.nn.functional.conv2d has it. Raises UsageError when the kernel does not fit."""
    padded = np.pad(plane, padding)
    side = len(kernel)
    if min(padded.shape) < side:
        height, width = plane.shape
        raise UsageError(
            f"A kernel of {side} × {side} does not fit into {width} × {height} pixels with padding {padding}; "
            "choose a smaller kernel, more padding or a larger picture."
        )
    windows = sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return np.einsum("hwij,ij->hw", windows, kernel)


def relu(plane: Plane) -> Plane:
    """Negative numbers become 0."""
    return np.maximum(plane, 0.0)


def max_pool2d(plane: Plane, side: int) -> Plane:
    """The largest of each side x side window, (H // side, W // side), as torch.nn.functional.max_pool2d has it: an
    incomplete window at the edge is left out. Raises UsageError when no window fits."""
    height, width = plane.shape[0] // side, plane.shape[1] // side
    if not height or not width:
        raise UsageError(
            f"There are only {plane.shape[1]} × {plane.shape[0]} cells, too few for pooling {side} × {side}; "
            "switch the pooling off or choose a larger picture."
        )
    return plane[: height * side, : width * side].reshape(height, side, width, side).max(axis=(1, 3))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """kernel: (k, k) float64. stride, padding: of the convolution. rectify: whether ReLU follows. pool: side of the
    max-pooling window after that, 0 for none."""

    kernel: Plane
    stride: int = 1
    padding: int = 0
    rectify: bool = True
    pool: int = 2


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """values: (h, w) float64 after the step. low, high: what is shown as black and as white."""

    values: Plane
    low: float
    high: float

    def grey(self) -> NDArray[np.uint8]:
        """(h, w) uint8: the values as a picture."""
        span = (self.high - self.low) or 1.0
        return (((self.values - self.low) / span).clip(0, 1) * 255).round().astype(np.uint8)


def run_steps(plane: Plane, recipe: Recipe) -> dict[str, Step]:
    """The plane after each step that is on: conv, relu, pool. Raises UsageError when a step has nothing to work on."""
    values = conv2d(plane, recipe.kernel, recipe.stride, recipe.padding)
    low, high = display_range(recipe.kernel, values)
    steps = {"conv": Step(values, low, high)}
    if recipe.rectify:
        values = relu(values)
        low, high = 0.0, max(high, 0.0) or 1.0
        steps["relu"] = Step(values, low, high)
    if recipe.pool:
        steps["pool"] = Step(max_pool2d(values, recipe.pool), low, high)
    return steps


def display_range(kernel: Plane, values: Plane) -> tuple[float, float]:
    """What to show as black and as white: what a black and a white picture would give. A kernel whose weights add up
    to nothing gives 0 for both, so there middle grey is 0 and the range is what 99.5 % of the values keep to."""
    total = float(kernel.sum())
    if abs(total) > 1e-6:
        return min(0.0, 255 * total), max(0.0, 255 * total)
    largest = float(np.quantile(np.abs(values), 0.995)) or float(np.abs(values).max()) or 1.0
    return -largest, largest


def liveliest_patch(plane: Plane, side: int) -> tuple[int, int]:
    """Row and column of the middle of the side x side block whose numbers differ most: a good place to look first."""
    rows, columns = plane.shape[0] // side, plane.shape[1] // side
    if not rows or not columns:
        return plane.shape[0] // 2, plane.shape[1] // 2
    blocks = plane[: rows * side, : columns * side].reshape(rows, side, columns, side)
    row, column = divmod(int(blocks.var(axis=(1, 3)).argmax()), columns)
    return row * side + side // 2, column * side + side // 2
