"""What the channels of a layer say: statistics, order, likeness, the places that excite one, and a layer's kernels.

Feature maps are (C, h, w) float32 or float16 arrays, as an ActivationStore gives them. numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import UsageError
from cvdemo.inspect.hooks import split_name
from cvdemo.inspect.layers import ReceptiveField

if TYPE_CHECKING:
    from torch import nn

Sort = Literal["index", "mean", "max", "variance", "similarity"]
SORTS: dict[Sort, str] = {
    "index": "Number of the channel",
    "mean": "Mean activation",
    "max": "Strongest activation",
    "variance": "Variance over the picture",
    "similarity": "Likeness to the chosen channel",
}


@dataclass(frozen=True, slots=True, eq=False)
class ChannelStats:
    """(C,) each: mean, maximum and variance over the cells, float32; dead: one value everywhere, as of a ReLU that
    never fires on this picture."""

    mean: NDArray[np.float32]
    maximum: NDArray[np.float32]
    variance: NDArray[np.float32]
    dead: NDArray[np.bool_]


def channel_stats(maps: NDArray[np.floating]) -> ChannelStats:
    """Statistics of every channel of (C, h, w) maps."""
    flat = _flat(maps)
    low, high = flat.min(axis=1), flat.max(axis=1)
    dead = high - low <= 1e-6 * np.maximum(np.abs(low), np.abs(high)) if flat.shape[1] > 1 else high == 0
    return ChannelStats(flat.mean(axis=1), high, flat.var(axis=1), dead)


def similarity_to(maps: NDArray[np.floating], channel: int) -> NDArray[np.float32]:
    """(C,) float32 in -1..1: cosine between each channel of (C, h, w) maps and the chosen one, over the cells.

    0 where either is zero everywhere. Raises UsageError for a channel that does not exist.
    """
    flat = _flat(maps)
    if not 0 <= channel < len(flat):
        raise UsageError(f"This layer has channels 0 to {len(flat) - 1}; choose one of them.")
    length = np.linalg.norm(flat, axis=1)
    product = flat @ flat[channel]
    scale = length * length[channel]
    return np.divide(product, scale, out=np.zeros_like(product), where=scale > 0).clip(-1, 1).astype(np.float32)


def channel_order(maps: NDArray[np.floating], sort: Sort, channel: int = 0) -> tuple[int, ...]:
    """Channel numbers of (C, h, w) maps in the order asked for, largest first; channel: what similarity is to."""
    if sort == "index":
        return tuple(range(len(maps)))
    if sort == "similarity":
        key = similarity_to(maps, channel).copy()
        key[channel] = np.inf
    else:
        stats = channel_stats(maps)
        key = {"mean": stats.mean, "max": stats.maximum, "variance": stats.variance}[sort]
    return tuple(int(i) for i in np.argsort(-key, kind="stable"))


@dataclass(frozen=True, slots=True)
class Peak:
    """A cell that excites a channel. box: x0, y0, x1, y1 in pixels of the network's input that the cell sees, gates
    left out; None where the layer's field is not known."""

    row: int
    column: int
    value: float
    box: tuple[int, int, int, int] | None


def exciting_cells(
    channel: NDArray[np.floating], count: int, field: ReceptiveField | None = None, apart: int = 1
) -> list[Peak]:
    """The cells with the largest values of one (h, w) map, strongest first, no two of them within apart cells."""
    values = channel.astype(np.float32).copy()
    peaks: list[Peak] = []
    while len(peaks) < count and np.isfinite(values).any():
        row, column = (int(i) for i in np.unravel_index(np.nanargmax(values), values.shape))
        if values[row, column] == -np.inf:
            break
        box = field.box(row, column) if field is not None else None
        peaks.append(Peak(row, column, float(channel[row, column]), box))
        near = np.s_[max(row - apart, 0) : row + apart + 1, max(column - apart, 0) : column + apart + 1]
        values[near] = -np.inf
    return peaks


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """Weights of a convolution. weights: (out, in / groups, kh, kw) float32, read-only. groups: how many groups of
    input channels are filtered apart; as many as channels in a depthwise convolution."""

    weights: NDArray[np.float32]
    groups: int

    def colour_images(self) -> NDArray[np.uint8] | None:
        """(out, kh, kw, 3) uint8: the kernels of a first layer as little pictures; None where the input is not three
        colours.

        Grey stands for 0, and each kernel is stretched to its own largest weight, so that the colours tell what it
        looks for and not how strongly.
        """
        if self.weights.shape[1] != 3 or self.groups != 1:
            return None
        largest = np.abs(self.weights).max(axis=(1, 2, 3), keepdims=True)
        scaled = np.divide(self.weights, largest, out=np.zeros_like(self.weights), where=largest > 0)
        return np.asarray((scaled * 127.5 + 127.5).round().clip(0, 255).transpose(0, 2, 3, 1), np.uint8)


def kernels_of(module: nn.Module, layer: str) -> Kernels | None:
    """The kernels of a layer of the module; None where it is no two-dimensional convolution. Raises UsageError."""
    from torch import nn

    found = dict(module.named_modules()).get(split_name(layer)[0])
    if found is None:
        raise UsageError(f"This network has no layer '{layer}'; choose one from the layer tree.")
    if not isinstance(found, nn.Conv2d):
        return None
    weights = found.weight.detach().float().cpu().numpy().copy()
    weights.setflags(write=False)
    return Kernels(weights, found.groups)


def _flat(maps: NDArray[np.floating]) -> NDArray[np.float32]:
    """(C, h, w) -> (C, h * w) float32."""
    return maps.reshape(len(maps), -1).astype(np.float32, copy=False)
