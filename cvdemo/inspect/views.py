"""A whole layer in one picture: mean, maximum, length, three principal components as colours, or clusters of cells."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Summary = Literal["mean", "max", "norm"]
#: Cells that the principal components are computed from at most; all cells are shown.
_SAMPLE = 4096
#: Principal components that clustering looks at.
_CLUSTER_DIMS = 16
_CLIP = 0.01


def summary(maps: NDArray[np.floating], kind: Summary) -> NDArray[np.float32]:
    """(h, w) float32: mean, maximum or L2 norm over the channels of (C, h, w) maps."""
    values = maps.astype(np.float32, copy=False)
    if kind == "norm":
        return np.asarray(np.sqrt(np.einsum("chw,chw->hw", values, values)), np.float32)
    return np.asarray(values.mean(axis=0) if kind == "mean" else values.max(axis=0), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """scores: (k, h, w) float32, the cells' coordinates along the principal components. loadings: (k, C) float32, unit
    vectors. explained: (k,) float32, the share of the variance along each."""

    scores: NDArray[np.float32]
    loadings: NDArray[np.float32]
    explained: NDArray[np.float32]

    def rgb(self) -> NDArray[np.uint8]:
        """(h, w, 3) uint8: the first three components as red, green and blue, each stretched over its own values but
        for the outermost percent. Cells of one colour answer alike. A component that does not exist is middle
        grey."""
        colours = np.full((*self.scores.shape[1:], 3), 0.5, np.float32)
        for index, plane in enumerate(self.scores[:3]):
            low, high = np.quantile(plane, [_CLIP, 1 - _CLIP])
            if high > low:
                colours[..., index] = (plane - low) / (high - low)
        return (colours.clip(0, 1) * 255).round().astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """What gives the cells of a layer their colours, kept so that the same layer under other conditions gets the same.
    mean: (C,). axes: (k, C), k up to 3. low, high: (k,), the values along the axes that span a colour's range."""

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]

    @classmethod
    def of(cls, maps: NDArray[np.floating]) -> Colours:
        """The first three principal components of (C, h, w) maps as red, green and blue, as Components.rgb() does."""
        found = components(maps)
        low, high = np.quantile(found.scores.reshape(len(found.scores), -1), [_CLIP, 1 - _CLIP], axis=1)
        mean = maps.mean(axis=(1, 2), dtype=np.float32)
        return cls(mean, found.loadings, low.astype(np.float32), high.astype(np.float32))

    def paint(self, maps: NDArray[np.floating]) -> NDArray[np.uint8]:
        """(C, h, w) maps of the same layer -> (h, w, 3) uint8."""
        channels, height, width = maps.shape
        cells = maps.reshape(channels, -1).astype(np.float32) - self.mean[:, None]
        span = np.where(self.high > self.low, self.high - self.low, np.inf)
        painted = np.full((3, height * width), 0.5, np.float32)
        painted[: len(self.axes)] = (self.axes @ cells - self.low[:, None]) / span[:, None]
        flat = ~np.isfinite(span)
        painted[: len(self.axes)][flat] = 0.5
        return np.asarray((painted.T.clip(0, 1) * 255).round().reshape(height, width, 3), np.uint8)


def components(maps: NDArray[np.floating], count: int = 3) -> Components:
    """Principal components of the cells of (C, h, w) maps, each cell a vector of C channels.

    The signs are fixed: the channel with the largest weight in a component counts positive. At most as many as there
    are channels or cells.
    """
    channels, height, width = maps.shape
    cells = maps.reshape(channels, -1).T.astype(np.float32)
    cells -= cells.mean(axis=0)
    count = min(count, channels, len(cells))
    step = -(-len(cells) // _SAMPLE)
    sample = cells[::step]
    loadings, variances = _directions(sample, count)
    signs = np.sign(loadings[np.arange(count), np.abs(loadings).argmax(axis=1)])
    loadings = loadings * np.where(signs == 0, 1, signs)[:, None]
    total = float((sample**2).sum())
    explained = (variances / total if total > 0 else np.zeros(count)).astype(np.float32)
    scores = (cells @ loadings.T).T.reshape(count, height, width)
    return Components(scores.astype(np.float32), loadings.astype(np.float32), explained)


def _directions(sample: NDArray[np.float32], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors (count, C) and sums of squares (count,) along them, largest first; by the smaller of the two Gram
    matrices."""
    from scipy.linalg import eigh

    rows, channels = sample.shape
    if channels <= rows:
        gram = (sample.T @ sample).astype(np.float64)
        values, vectors = eigh(gram, subset_by_index=[channels - count, channels - 1])
        return vectors.T[::-1], values[::-1].clip(0)
    values, vectors = eigh((sample @ sample.T).astype(np.float64), subset_by_index=[rows - count, rows - 1])
    directions = vectors.T[::-1] @ sample
    length = np.linalg.norm(directions, axis=1, keepdims=True)
    return np.divide(directions, length, out=np.zeros_like(directions), where=length > 0), values[::-1].clip(0)


def clusters(maps: NDArray[np.floating], count: int, seed: int = 0) -> NDArray[np.uint8]:
    """(h, w) uint8: which of count groups each cell of (C, h, w) maps belongs to, by k-means (k-means++ start, scipy).

    Cells are compared along the first principal components. Groups are numbered by how strongly they answer, the
    weakest 0; fewer than count where the cells do not differ enough.
    """
    from scipy.cluster.vq import kmeans2

    points = components(maps, _CLUSTER_DIMS).scores
    flat = points.reshape(len(points), -1).T.astype(np.float64)
    distinct = len(np.unique(flat.round(6), axis=0)) if len(flat) <= _SAMPLE else count
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an empty cluster is one group less, not a fault
        start = flat[:: -(-len(flat) // _SAMPLE)]
        centres, _ = kmeans2(start, min(count, distinct, len(start)), minit="++", seed=seed, iter=20)
    distance = ((flat**2).sum(1)[:, None] - 2 * flat @ centres.T) + (centres**2).sum(1)
    labels = distance.argmin(axis=1)
    strength = summary(maps, "norm").ravel()
    used = np.unique(labels)
    order = used[np.argsort([strength[labels == each].mean() for each in used])]
    number = np.zeros(len(centres), np.uint8)
    number[order] = np.arange(len(order))
    return number[labels].reshape(maps.shape[1:])
