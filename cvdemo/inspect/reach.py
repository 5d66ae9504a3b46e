"""What a tensor's cells can see of the network's input: the value that flows along with every tensor.

For every cell of a tensor four numbers bound the input pixels that can change it: the smallest such box. They are
kept as (-top, -left, bottom, right), bottom and right exclusive, so that joining two boxes is one maximum, and -inf
stands for "sees nothing". Unlike the closed formulas for receptive fields (Araujo et al., Distill 2019) this holds
cell by cell: at the border, behind uneven padding, after interpolation, and where branches of different depth meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import torch
from torch import Tensor

NOTHING = -inf
#: Planes 0..3 follow every path. Planes 4..7 leave out gates: a value for the whole picture that only scales a map,
#: as in squeeze-and-excite, lets every cell see everything and would hide what the convolutions see.
PLANES = 8
LOCAL = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """Gates left out and without the picture's border: cell i sees the pixels [low + i * jump, high + i * jump)."""

    low: float
    high: float
    jump: float

    def window(self, kernel: int, stride: int, padding: int, dilation: int) -> Axis:
        """Behind a sliding window."""
        reach = ((kernel - 1) * dilation - padding) * self.jump
        return Axis(self.low - padding * self.jump, self.high + reach, self.jump * stride)

    def shifted(self, cells: int, step: int = 1) -> Axis:
        """From another first cell on, every step-th."""
        return Axis(self.low + cells * self.jump, self.high + cells * self.jump, self.jump * step)

    def resized(self, taps: Tensor, step: float) -> Axis:
        """Behind a change of resolution: step input cells to one output cell.

        taps: (n_out, n_in) bool; rows near the border are left aside.
        """
        n_out, jump = len(taps), self.jump * step
        margin = n_out // 4
        rows = [row.nonzero().flatten() for row in taps[margin : n_out - margin]]
        seen = [(index, row) for index, row in enumerate(rows, start=margin) if len(row)]
        low = min((float(row[0]) * self.jump - index * jump for index, row in seen), default=0.0)
        high = max((float(row[-1]) * self.jump - index * jump for index, row in seen), default=0.0)
        return Axis(self.low + low, self.high + high, jump)

    def union(self, other: Axis) -> Axis:
        """Cells that see what either sees."""
        return Axis(min(self.low, other.low), max(self.high, other.high), max(self.jump, other.jump))


WHOLE = Axis(-inf, inf, 0.0)
Axes = tuple[Axis, Axis]


@dataclass(frozen=True, slots=True)
class Reach:
    """planes: PLANES float32 tensors that broadcast to the tensor's shape. axes: of height and width, None where the
    last two dimensions are no longer those of a picture."""

    planes: tuple[Tensor, ...]
    axes: Axes | None

    @classmethod
    def of_input(cls, image: Tensor) -> Reach:
        """Every pixel sees itself. image: (N, C, H, W)."""
        height, width = image.shape[-2:]
        rows = torch.arange(height, dtype=torch.float32)[None, None, :, None]
        columns = torch.arange(width, dtype=torch.float32)[None, None, None, :]
        planes = (-rows, -columns, rows + 1, columns + 1)
        return cls(planes * 2, (Axis(0, 1, 1), Axis(0, 1, 1)))

    def each(self, change: Callable[[Tensor], Tensor], axes: Axes | None) -> Reach:
        """The same change on every plane."""
        return Reach(tuple(change(plane) for plane in self.planes), axes)


def union_axes(axes: Sequence[Axes | None]) -> Axes | None:
    """Axes of a tensor made cell by cell of several; None if any is None."""
    known = [each for each in axes if each is not None]
    if len(known) < len(axes) or not known:
        return None
    (rows, columns), *others = known
    for other_rows, other_columns in others:
        rows, columns = rows.union(other_rows), columns.union(other_columns)
    return rows, columns


def along(plane: Tensor, taps: Tensor, dim: int) -> Tensor:
    """The largest value among the taps of every output cell. taps: (n_out, n_in) bool; a constant plane stays."""
    if plane.shape[dim] == 1:
        return plane
    moved = plane.transpose(dim, -1)
    chosen = torch.where(taps, moved.unsqueeze(-2), NOTHING).amax(-1)
    return chosen.transpose(dim, -1)


def over(plane: Tensor, dims: Sequence[int]) -> Tensor:
    """The largest value over some dimensions, which stay with length 1."""
    return plane.amax(dim=tuple(dims), keepdim=True) if dims else plane


def compact(plane: Tensor) -> Tensor:
    """The same values by broadcasting, with length 1 wherever a dimension changes nothing."""
    for dim, size in enumerate(plane.shape):
        first = plane.narrow(dim, 0, 1) if size > 1 else plane
        if size > 1 and (plane.stride(dim) == 0 or bool((plane == first).all())):
            plane = first
    return plane


def window_taps(n_in: int, n_out: int, kernel: int, stride: int, padding: int, dilation: int) -> Tensor:
    """(n_out, n_in) bool: which input cells a sliding window covers."""
    start = torch.arange(n_out) * stride - padding
    index = start[:, None] + torch.arange(kernel) * dilation
    taps = torch.zeros(n_out, n_in, dtype=torch.bool)
    row, tap = ((index >= 0) & (index < n_in)).nonzero(as_tuple=True)
    taps[row, index[row, tap]] = True
    return taps


def adaptive_taps(n_in: int, n_out: int) -> Tensor:
    """(n_out, n_in) bool: torch's adaptive pooling, from floor(i n_in / n_out) to ceil((i + 1) n_in / n_out)."""
    out = torch.arange(n_out)
    start, end = out * n_in // n_out, -(-(out + 1) * n_in // n_out)
    cell = torch.arange(n_in)
    return (cell >= start[:, None]) & (cell < end[:, None])


def padding_taps(n_in: int, before: int, after: int, mode: str) -> Tensor:
    """(n_out, n_in) bool: padding (or cropping, when negative) with a constant, by 'replication' or by 'reflection'."""
    index = torch.arange(-before, n_in + after)
    if mode == "replication":
        index = index.clamp(0, n_in - 1)
    elif mode == "reflection":
        index = index.abs()
        index = torch.where(index >= n_in, 2 * (n_in - 1) - index, index)
    return index[:, None] == torch.arange(n_in)
