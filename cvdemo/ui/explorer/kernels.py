"""The weights that make a channel, as the focus component shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.inspect.channels import Kernels, kernels_of
from cvdemo.inspect.layers import Layer, LayerTree
from cvdemo.registry import ModelSpec
from cvdemo.ui.explorer.maps import png_data_url

_SLICES = 36
_MIXED = 10
#: Blue for weights below zero, orange for those above; told apart with every kind of colour vision.
_BELOW, _ABOVE = np.array([33, 102, 172], np.float32), np.array([201, 91, 12], np.float32)


def kernels_data(spec: ModelSpec, tree: LayerTree, node: Layer, channel: int) -> dict[str, Any] | None:
    """Weights of the convolution that a channel comes from; None where there is none before it."""
    found = _source(spec, tree, node)
    if found is None:
        return None
    name, kernels = found
    out, into, height, width = kernels.weights.shape
    told: dict[str, Any] = {"layer": name, "size": f"{width} × {height}", "inputs": into, "own": name == node.name}
    colours = kernels.colour_images()
    if colours is not None:
        sheet, columns = _sheet(colours)
        return told | {"mode": "colour", "src": _png(sheet), "columns": columns, "count": out, "tile": [height, width]}
    weights = kernels.weights[channel]
    first = channel // (out // kernels.groups) * into
    strongest = np.argsort(-np.abs(weights).sum(axis=(1, 2)), kind="stable")
    if height * width == 1:
        mix = [[int(i) + first, float(weights[i, 0, 0])] for i in strongest[:_MIXED]]
        return told | {"mode": "mix", "mix": mix}
    chosen = strongest[:_SLICES]
    sheet, columns = _sheet(signed_colours(weights[chosen]))
    return told | {
        "mode": "slices", "src": _png(sheet), "columns": columns, "count": len(chosen), "tile": [height, width],
        "from": [int(i) + first for i in chosen], "low": float(weights.min()), "high": float(weights.max()),
    }  # fmt: skip


def signed_colours(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(n, h, w) float32 -> (n, h, w, 3) uint8: white for 0, blue for negative and orange for positive weights."""
    top = float(np.abs(weights).max()) or 1.0
    share = (np.abs(weights) / top)[..., None]
    ends = np.where((weights < 0)[..., None], _BELOW, _ABOVE)
    return (255 + share * (ends - 255)).round().astype(np.uint8)


def _source(spec: ModelSpec, tree: LayerTree, node: Layer) -> tuple[str, Kernels] | None:
    """The layer's own weights, or those of the last convolution in or before it with as many channels."""
    module = engine().module(spec)
    order = list(tree.by_name.values())
    last = max(order.index(each) for each in node.walk())
    channels = node.output_shape[0] if node.output_shape else 0
    for each in reversed(order[: last + 1]):
        if not each.children and each.params and each.output_shape and each.output_shape[0] == channels:
            kernels = kernels_of(module, each.name)
            if kernels is not None and len(kernels.weights) == channels:
                return each.name, kernels
    return None


def _sheet(tiles: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """(n, h, w, 3) -> one picture without gaps, row by row, and its number of columns; missing tiles are white."""
    count, height, width, _ = tiles.shape
    columns = min(count, max(1, round((2 * count) ** 0.5)))
    rows = -(-count // columns)
    full = np.full((rows * columns, height, width, 3), 255, np.uint8)
    full[:count] = tiles
    sheet = full.reshape(rows, columns, height, width, 3).swapaxes(1, 2)
    return sheet.reshape(rows * height, columns * width, 3), columns


def _png(pixels: NDArray[np.uint8]) -> str:
    from cvdemo.viz.encode import png

    return png_data_url(png(pixels))
