"""From the reach of a tensor to the receptive field of a layer."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.inspect.layers import ReceptiveField, unclipped_size

if TYPE_CHECKING:
    from cvdemo.inspect.reach import Reach


def receptive_field(reach: Reach, size_hw: tuple[int, ...], input_hw: tuple[int, int]) -> ReceptiveField | None:
    """The fields of a map's cells, row by row and column by column; None where the tensor is no map (channels last).

    size_hw: of the map.
    """
    from cvdemo.inspect.reach import LOCAL

    if reach.axes is None and _is_no_map(reach):
        return None
    rows, columns = _bounds(reach, LOCAL, 0, size_hw), _bounds(reach, LOCAL, 1, size_hw)
    if reach.axes is not None:
        axes = reach.axes
        sizes = unclipped_size(axes[0].low, axes[0].high), unclipped_size(axes[1].low, axes[1].high)
        starts = axes[0].low, axes[1].low
    else:
        sizes, starts = zip(*(_seen(b, n) for b, n in zip((rows, columns), input_hw, strict=True)), strict=True)
    return ReceptiveField(
        rows=rows,
        columns=columns,
        rows_all=_bounds(reach, 0, 0, size_hw),
        columns_all=_bounds(reach, 0, 1, size_hw),
        size_hw=(sizes[0], sizes[1]),
        start_hw=(starts[0], starts[1]),
    )


def stride_of(
    reach: Reach, size_hw: tuple[int, ...], input_hw: tuple[int, int], field: ReceptiveField | None
) -> tuple[float, float] | None:
    """Input pixels from one cell to the next; None where the cells have no places in the picture."""
    if field is None:
        return None
    if reach.axes is None:  # lost on the way, as in attention: the cells lie evenly on the picture
        return (input_hw[0] / size_hw[0], input_hw[1] / size_hw[1]) if min(size_hw) > 1 else None
    rows, columns = reach.axes
    return (rows.jump, columns.jump) if rows.jump and columns.jump else None


def _bounds(reach: Reach, first: int, dim: int, size_hw: tuple[int, ...]) -> NDArray[np.int32]:
    """(n, 2): first pixel and the one after the last, of every row (dim 0) or column (dim 1) of cells."""
    edges = []
    for plane in (reach.planes[first + dim], reach.planes[first + dim + 2]):
        others = [d for d in range(plane.ndim) if d != plane.ndim - 2 + dim]
        edges.append(plane.amax(dim=others).expand(size_hw[dim]).double().numpy())
    start, end = -edges[0], edges[1]
    nothing = np.isinf(start) | np.isinf(end)
    return np.stack([np.where(nothing, 0, start), np.where(nothing, 0, end)], axis=1).astype(np.int32)


def _is_no_map(reach: Reach) -> bool:
    """Whether rows or columns of the input lie along a dimension where a map has something else."""
    height, width = reach.planes[0], reach.planes[1]
    return height.shape[-1] > 1 or width.shape[-2] > 1


def _seen(bounds: NDArray[np.int32], length: int) -> tuple[float, float]:
    """Size and start of the largest field where only cut fields are known: inf for all of the input."""
    size = bounds[:, 1] - bounds[:, 0]
    largest = int(size.max(initial=0))
    return (inf, -inf) if largest == length else (float(largest), float(bounds[:, 0].min(initial=0)))
