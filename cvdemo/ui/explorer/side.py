"""One side of a comparison, and what the two have to say about each other channel by channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log2

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.inspect import compare
from cvdemo.inspect.crop import Crop
from cvdemo.inspect.layers import Layer, LayerTree
from cvdemo.ui.explorer.choice import Choice
from cvdemo.ui.explorer.maps import Look, order_of

ORDERS = {
    "above": "As above",
    "shift": "Largest change of the mean",
    "unlike": "Least alike first",
    "alike": "Most alike first",
}


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A layer of a network on a picture. choice: with that layer, for the order of its channels."""

    look: Look
    choice: Choice

    @property
    def node(self) -> Layer:
        return self.look.node(self.choice)

    @property
    def crop(self) -> Crop:
        return self.look.crop(self.node, self.choice.item)

    @property
    def key(self) -> tuple[object, ...]:
        """What its maps depend on."""
        image = self.look.image
        return self.look.spec.name, image.sha256, image.size_hw, self.choice.layer, self.choice.item

    def maps(self) -> NDArray[np.float32]:
        """(C, h, w), on the picture only."""
        return self.look.maps(self.node, self.choice.item)


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """For each channel of the first side: partner, its number on the second; correlation over the places that both
    cover, NaN where there is none; shift of the mean in deviations, None between networks. likeness: of the layers as
    a whole, None on two pictures. places: whether places can be set against each other."""

    partner: NDArray[np.int64]
    correlation: NDArray[np.float32]
    shift: NDArray[np.float32] | None
    likeness: float | None
    places: bool


def counterpart(tree: LayerTree, node: Layer, rival: LayerTree) -> str:
    """The layer of another network to set beside a layer: its namesake, else the stage with the nearest stride, and of
    several the one that comes as late."""
    if (same := rival.by_name.get(node.name)) is not None and same.is_map:
        return node.name
    own, stages = list(tree.by_name), rival.stages() or rival.maps
    late = own.index(node.name) / len(own)
    order = {name: place / len(rival.by_name) for place, name in enumerate(rival.by_name)}

    def distance(each: Layer) -> tuple[float, float]:
        known = each.stride is not None and node.stride is not None
        stride = abs(log2(each.stride[0] / node.stride[0])) if known else 9.0  # type: ignore[index]
        return round(stride, 1), abs(order[each.name] - late)

    return min(stages, key=distance).name


def pairing(first: Side, second: Side) -> Pairing:
    """What is known of the channels of the two."""
    return _pairing(first.key, second.key, first, second)


@st.cache_data(max_entries=16, show_spinner=False)
def _pairing(first_key: tuple[object, ...], second_key: tuple[object, ...], _first: Side, _second: Side) -> Pairing:
    a, b = _first.maps(), _second.maps()
    if _first.look.spec.name != _second.look.spec.name:
        grid = compare.common_grid(_first.crop, _second.crop)
        if grid is None:
            nothing = np.full(len(a), np.nan, np.float32)
            return Pairing(np.zeros(len(a), np.int64), nothing, None, float("nan"), places=False)
        a, b = compare.on_grid(a, _first.crop.area, grid), compare.on_grid(b, _second.crop.area, grid)
        partner, correlation = compare.partners(a, b)
        return Pairing(partner, correlation, None, compare.likeness(a, b), places=True)
    cells, own = shared_cells(_first, _second), np.arange(len(a))
    correlation = np.full(len(a), np.nan, np.float32)
    if cells is not None:
        whole = [side.look.whole_maps(side.node, side.choice.item)[:, *cells] for side in (_first, _second)]
        correlation = compare.correlations(*whole)
    return Pairing(own, correlation, compare.shifts(a, b), None, places=cells is not None)


def shared_cells(first: Side, second: Side) -> tuple[slice, slice] | None:
    """Cells of the network's input that lie on both pictures; None where the inputs have different sizes."""
    return (
        compare.common_cells(first.crop, second.crop) if first.node.output_shape == second.node.output_shape else None
    )


def order_pairs(first: Side, pairs: Pairing, order: str) -> tuple[int, ...]:
    """Channels of the first side in one of ORDERS; those without a figure last."""
    if order == "shift" and pairs.shift is not None:
        key = -np.abs(pairs.shift)
    elif order in ("alike", "unlike"):
        key = np.nan_to_num(pairs.correlation if order == "unlike" else -pairs.correlation, nan=np.inf)
    else:
        return order_of(first.look, first.choice)
    return tuple(int(i) for i in np.argsort(key, kind="stable"))


def beside(choice: Choice, layer: str, look: Look) -> Choice:
    """The choice for the other side: the same but for its layer, and on an input that it has."""
    return replace(choice, layer=layer, item=min(choice.item, len(look.letterboxes) - 1))
