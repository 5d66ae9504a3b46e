"""What is worth keeping between runs of a page, keyed by the picture's SHA-256 and bounded."""

from __future__ import annotations

import base64
from typing import Any

import streamlit as st

from cvdemo.inspect import activations
from cvdemo.inspect.activations import Survey
from cvdemo.inspect.crop import Crop
from cvdemo.registry import ModelSpec
from cvdemo.samples import load_sample
from cvdemo.types import Image
from cvdemo.ui.view_data import DISPLAY_SIDE, TINY_SIDE, jpeg_url, png_url

THUMBNAIL_SIDE = 160


@st.cache_data(max_entries=32, show_spinner=False)
def display_url(sha256: str, _image: Image, side: int = DISPLAY_SIDE) -> str:
    """The picture at display size as a data URL; tiny ones without loss, for their pixels are seen one by one."""
    return png_url(_image.pixels) if max(_image.size_hw) <= TINY_SIDE else jpeg_url(_image.pixels, side)


@st.cache_data(max_entries=64, show_spinner=False)
def thumbnail_url(key: str, _image: Image | None) -> str:
    """A thumbnail as a data URL. key: a sample's name (no picture needed) or a SHA-256."""
    image = _image if _image is not None else load_sample(key)
    return jpeg_url(image.pixels, THUMBNAIL_SIDE, quality=80)


@st.cache_data(max_entries=16, show_spinner=False)
def survey(spec: ModelSpec, sha256: str, item: int, _image: Image) -> Survey:
    """The layers of a network on a picture, and the strength of each stage's answer."""
    return activations.survey(spec, _image, item)


@st.cache_data(max_entries=200, show_spinner=False)
def stage_url(spec: ModelSpec, sha256: str, stage: str, item: int, crop: Crop, _look: Survey) -> str:
    """A stage's overview as a small picture."""
    from cvdemo.viz.features import sprite

    return _png_url(sprite(crop.cut(_look.overview[stage][None]), tile_side=96).png())


@st.cache_data(max_entries=8, show_spinner=False)
def layer_maps(spec: ModelSpec, sha256: str, layer: str, item: int, _image: Image) -> Any:
    """A layer's answer, (C, h, w) float16; a few megabytes at most, so only the latest are kept."""
    return activations.capture(spec, _image, [layer], item)[layer]


@st.cache_data(max_entries=48, show_spinner=False)
def channel_sprite(
    spec: ModelSpec, sha256: str, layer: str, order: str, item: int, tile_side: int, crop: Crop, _image: Image
) -> dict[str, Any]:
    """All channels of a layer as tiles of one picture, as the inside view wants it."""
    from cvdemo.viz.features import by_activity, sprite

    maps = crop.cut(layer_maps(spec, sha256, layer, item, _image)).astype("float32")
    tiles = sprite(maps, tile_side=tile_side, channels=by_activity(maps) if order == "activity" else None)
    height, width = tiles.indices.shape
    dead = int(tiles.dead.sum())
    return {
        "sprite": {
            "src": _png_url(tiles.png()),
            "width": width,
            "height": height,
            "columns": tiles.columns,
            "tile": tiles.tile_hw,
            "gap": tiles.gap,
            "channels": tiles.channels,
            "low": [f"{value:.2g}" for value in tiles.low],
            "high": [f"{value:.2g}" for value in tiles.high],
        },
        "dead": f"{dead} of them say nothing here (crossed out)." if dead else "",
    }


def _png_url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
