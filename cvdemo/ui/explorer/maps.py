"""A session's feature maps, and the pictures made of them: one forward pass a picture and model feeds everything."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.channels import channel_order
from cvdemo.inspect.crop import Content, Crop, content_of, crop_of
from cvdemo.inspect.layers import Layer, LayerTree
from cvdemo.inspect.store import ActivationStore
from cvdemo.inspect.tree import tree_of
from cvdemo.inspect.views import summary
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, Letterbox
from cvdemo.ui.explorer.choice import PAGE, Choice

_SPRITE_PIXELS = 600_000
_THUMBNAIL = 96
_STORE = "explorer_store"


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A network on a picture. letterboxes: where its inputs lie on the picture. content: the part of each input that is
    not padding."""

    spec: ModelSpec
    image: Image
    tree: LayerTree
    letterboxes: tuple[Letterbox, ...]
    content: tuple[Content, ...]

    def node(self, choice: Choice) -> Layer:
        return self.tree.find(choice.layer)

    def crop(self, node: Layer, item: int) -> Crop:
        """The cells of a layer that lie on the picture."""
        assert node.output_shape is not None
        channels, height, width = node.output_shape
        return crop_of((channels, height, width), self.letterboxes[item], self.content[item])

    def maps(self, node: Layer, item: int) -> NDArray[np.float32]:
        """(C, h, w): what a layer answers, on the picture only."""
        return self.crop(node, item).cut(self.whole_maps(node, item))

    def whole_maps(self, node: Layer, item: int, exact: bool = False) -> NDArray[np.float32]:
        """(C, h, w): what a layer answers to the whole of its input, padding included. exact: not rounded to half
        precision, which costs a forward pass."""
        return store().maps(self.spec, self.image, node.name, item, exact=exact)


def store() -> ActivationStore:
    """The session's own."""
    kept: ActivationStore = st.session_state.setdefault(_STORE, ActivationStore())
    return kept


def look_at(spec: ModelSpec, image: Image) -> Look:
    """Raises UsageError where the network is shown nothing of the picture, WeightsError, DeviceError."""
    letterboxes, content = _geometry(spec, image.sha256, image.size_hw, image)
    if not letterboxes:
        raise UsageError(
            f"{spec.title} looks at people, and none was found here; choose a picture with a person in it."
        )
    return Look(spec, image, tree_of(spec, image), letterboxes, content)


@st.cache_data(max_entries=32, show_spinner=False)
def _geometry(
    spec: ModelSpec, sha256: str, size_hw: tuple[int, int], _image: Image
) -> tuple[tuple[Letterbox, ...], tuple[Content, ...]]:
    prepared = engine().prepare(spec, _image)
    return prepared.letterboxes, tuple(content_of(each) for each in prepared.inputs)


def stage_urls(look: Look, item: int) -> dict[str, str]:
    """A small picture of each stage: how strongly it answers at every place."""
    return _stage_urls(look.spec, look.image.sha256, look.image.size_hw, item, look)


@st.cache_data(max_entries=24, show_spinner=False)
def _stage_urls(spec: ModelSpec, sha256: str, size_hw: tuple[int, int], item: int, _look: Look) -> dict[str, str]:
    from cvdemo.viz.features import sprite

    return {
        node.name: png_data_url(sprite(summary(_look.maps(node, item), "norm")[None], tile_side=_THUMBNAIL).png())
        for node in _look.tree.stages()
    }


def order_of(look: Look, choice: Choice) -> tuple[int, ...]:
    """The layer's channels in the order asked for."""
    anchor = choice.anchor if choice.sort == "similarity" else 0
    return _order(
        look.spec, look.image.sha256, look.image.size_hw, choice.layer, choice.item, choice.sort, anchor, look
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _order(
    spec: ModelSpec, sha256: str, size_hw: tuple[int, int], layer: str, item: int, sort: Any, anchor: int, _look: Look
) -> tuple[int, ...]:
    return channel_order(_look.maps(_look.tree.find(layer), item), sort, anchor)


def tiles(look: Look, choice: Choice, channels: tuple[int, ...]) -> dict[str, Any]:
    """Those channels of a layer as one picture, as the grid component wants it."""
    image = look.image
    return _tiles(look.spec, image.sha256, image.size_hw, choice.layer, choice.item, choice.scale, channels, look)


@st.cache_data(max_entries=48, show_spinner=False)
def _tiles(
    spec: ModelSpec, sha256: str, size_hw: tuple[int, int], layer: str, item: int, scale: Any,
    channels: tuple[int, ...], _look: Look,
) -> dict[str, Any]:  # fmt: skip
    from cvdemo.viz.features import sprite

    maps = _look.maps(_look.tree.find(layer), item)
    made = sprite(maps, scale=scale, tile_side=tile_side(len(channels)), channels=channels)
    height, width = made.indices.shape
    return {
        "src": png_data_url(made.png()),
        "width": width,
        "height": height,
        "columns": made.columns,
        "tile": made.tile_hw,
        "gap": made.gap,
        "channels": made.channels,
        "dead": [channel for channel, dead in zip(made.channels, made.dead, strict=True) if dead],
        "low": [float(value) for value in made.low],
        "high": [float(value) for value in made.high],
    }


def page_of(order: tuple[int, ...], choice: Choice) -> int:
    """The page asked for, or the one that shows the chosen channel."""
    if choice.page is not None:
        return choice.page
    return order.index(choice.channel) // PAGE if choice.channel is not None else 0


def tile_side(count: int) -> int:
    """Pixels of a tile's side: as large as fits a sprite of bounded size, never useless."""
    return min(160, max(28, isqrt(_SPRITE_PIXELS // count)))


def png_data_url(png: bytes) -> str:
    """A PNG file as an address for <img>."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
