"""The same layer on two pictures, or two networks on one: what differs, channel by channel and as a whole.

Feature maps are (C, h, w) arrays on the picture only, as a Crop cuts them. numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvdemo.inspect.crop import Crop
from cvdemo.inspect.views import clusters, components

Area = tuple[float, float, float, float]
_MOST_CELLS = 24


def common_cells(first: Crop, second: Crop) -> tuple[slice, slice] | None:
    """Rows and columns of the network's input that lie on both pictures; None where there are none."""
    rows = slice(max(first.rows[0], second.rows[0]), min(first.rows[1], second.rows[1]))
    columns = slice(max(first.columns[0], second.columns[0]), min(first.columns[1], second.columns[1]))
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None


def correlations(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float32]:
    """(C,) float32: Pearson's correlation of each channel with its namesake, over the cells of maps of one shape; NaN
    where one of the two is the same everywhere."""
    a, b = _centred(first), _centred(second)
    return _ratio((a * b).sum(axis=1), np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def partners(
    first: NDArray[np.floating], second: NDArray[np.floating]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each channel of the first maps the channel of the second that answers most alike at the same places.

    first, second: (C, h, w) and (D, h, w). Returns (C,) channel numbers and (C,) correlations, NaN where a channel is
    the same everywhere or none correlates with it.
    """
    a, b = _centred(first), _centred(second)
    table = _ratio(a @ b.T, np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1))
    best = np.where(np.isnan(table), -np.inf, table).argmax(axis=1)
    return best, table[np.arange(len(a)), best]


def shifts(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float32]:
    """(C,) float32: how much more a channel answers to the second picture: difference of its means in units of its
    deviation within the pictures (Cohen's d). 0 where both are the same everywhere and alike."""
    a, b = (each.reshape(len(each), -1).astype(np.float64) for each in (first, second))
    deviation = np.sqrt((a.var(axis=1) + b.var(axis=1)) / 2)
    difference = b.mean(axis=1) - a.mean(axis=1)
    floor = 1e-6 * np.maximum(np.abs(a).max(axis=1), np.abs(b).max(axis=1)) + 1e-12
    return (difference / np.maximum(deviation, floor)).astype(np.float32)


def together(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float32]:
    """All cells of two stacks of maps with the same channels as one row, (C, 1, cells): what is computed from it, as
    principal components, means the same on both sides."""
    flat = [each.reshape(len(each), -1) for each in (first, second)]
    return np.concatenate(flat, axis=1)[:, None].astype(np.float32, copy=False)


def apart(cells: NDArray[np.uint8], first_hw: tuple[int, int], second_hw: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """What together() joined, (1, cells, ...), as two maps (h, w, ...)."""
    count = first_hw[0] * first_hw[1]
    parts = (cells[0, :count], first_hw), (cells[0, count:], second_hw)
    return [part.reshape(*hw, *part.shape[1:]) for part, hw in parts]


def colours(first: NDArray[np.floating], second: NDArray[np.floating]) -> list[NDArray[np.uint8]]:
    """Two pictures (h, w, 3) uint8 of principal components, in which one colour means the same."""
    rgb = components(together(first, second)).rgb()
    return apart(rgb, _hw(first), _hw(second))


def groups(first: NDArray[np.floating], second: NDArray[np.floating], count: int) -> list[NDArray[np.uint8]]:
    """Two maps (h, w) uint8 of group numbers, in which one number means the same."""
    return apart(clusters(together(first, second), count), _hw(first), _hw(second))


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells on a picture. area: left, top, right, bottom in picture pixels. shape: rows, columns."""

    area: Area
    shape: tuple[int, int]


def common_grid(first: Crop, second: Crop) -> Grid | None:
    """A grid on the part of one picture that two layers cover, as coarse as the coarser of them, and not finer than
    24 x 24; None where they cover nothing in common."""
    left, top = (max(first.area[i], second.area[i]) for i in (0, 1))
    right, bottom = (min(first.area[i], second.area[i]) for i in (2, 3))
    if right <= left or bottom <= top:
        return None
    cells = []
    for low, high, start, end, name in ((1, 3, top, bottom, "rows"), (0, 2, left, right, "columns")):
        sides = []
        for crop in (first, second):
            count = getattr(crop, name)[1] - getattr(crop, name)[0]
            sides.append((crop.area[high] - crop.area[low]) / count)
        cells.append(int(np.clip(round((end - start) / max(sides)), 1, _MOST_CELLS)))
    return Grid((left, top, right, bottom), (cells[0], cells[1]))


def on_grid(maps: NDArray[np.floating], area: Area, grid: Grid) -> NDArray[np.float32]:
    """(C, *grid.shape) float32: averages of (C, h, w) maps that cover an area of the picture over the grid's cells."""
    down = _shares(maps.shape[1], area[1], area[3], grid.shape[0], grid.area[1], grid.area[3])
    across = _shares(maps.shape[2], area[0], area[2], grid.shape[1], grid.area[0], grid.area[2])
    return np.asarray(down @ maps.astype(np.float32, copy=False) @ across.T, np.float32)


def likeness(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """How alike two layers arrange the places of a picture: linear centred kernel alignment, 1 for the same up to
    rotation and scale, about 0 for layers that have nothing to do with each other.

    Kornblith et al. 2019, arXiv 1905.00414, with the estimate of Song et al. 2012 (JMLR 13) that does not grow with the
    number of channels. first, second: (C, h, w) and (D, h, w). NaN for fewer than 4 cells or a layer that is the same
    everywhere.
    """
    grams = []
    for maps in (first, second):
        cells = maps.reshape(len(maps), -1).astype(np.float64)
        cells = cells - cells.mean(axis=1, keepdims=True)
        gram = cells.T @ cells
        np.fill_diagonal(gram, 0)
        grams.append(gram)
    if len(grams[0]) < 4:
        return float("nan")
    own = _unbiased(grams[0], grams[0]) * _unbiased(grams[1], grams[1])
    return _unbiased(grams[0], grams[1]) / float(np.sqrt(own)) if own > 0 else float("nan")


def _unbiased(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """The Hilbert-Schmidt independence criterion of two Gram matrices with empty diagonals, up to a common factor."""
    n = len(first)
    sums = first.sum() * second.sum() / ((n - 1) * (n - 2))
    cross = 2 / (n - 2) * float(first.sum(axis=0) @ second.sum(axis=0))
    return float((first * second).sum() + sums - cross)


def _shares(cells: int, start: float, end: float, parts: int, low: float, high: float) -> NDArray[np.float32]:
    """(parts, cells): which share of each part of low..high lies in each cell of start..end; rows add up to 1."""
    edges, cuts = np.linspace(start, end, cells + 1), np.linspace(low, high, parts + 1)
    overlap = np.minimum(cuts[1:, None], edges[1:]) - np.maximum(cuts[:-1, None], edges[:-1])
    overlap = overlap.clip(0)
    return np.asarray(overlap / overlap.sum(axis=1, keepdims=True), np.float32)


def _centred(maps: NDArray[np.floating]) -> NDArray[np.float64]:
    flat = maps.reshape(len(maps), -1).astype(np.float64)
    centred = flat - flat.mean(axis=1, keepdims=True)
    centred[np.ptp(flat, axis=1) <= 1e-6 * np.abs(flat).max(axis=1)] = 0
    return centred


def _ratio(product: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float32]:
    found = np.divide(product, scale, out=np.full_like(product, np.nan), where=scale > 0)
    return found.clip(-1, 1).astype(np.float32)


def _hw(maps: NDArray[np.floating]) -> tuple[int, int]:
    return maps.shape[1], maps.shape[2]
