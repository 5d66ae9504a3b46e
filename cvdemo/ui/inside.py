"""The inside of the network on this picture: stages, channels, one channel over the picture."""

from __future__ import annotations

from math import isqrt
from typing import Any

import streamlit as st

from cvdemo.inspect.activations import Layer, Survey
from cvdemo.inspect.crop import crop_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Image
from cvdemo.ui import address, caching
from cvdemo.ui.components import component
from cvdemo.ui.notices import explained
from cvdemo.ui.view_data import picture_data

_ORDERS = ("activity", "index")
_SPRITE_PIXELS = 600_000
_PICTURE_SIDE = 900


@st.fragment
def panel(spec: ModelSpec, image: Image) -> None:
    """Draw the panel; going to another layer runs only this part of the page again."""
    st.subheader("Inside", anchor=False)
    st.caption(
        "The picture on its way through the network, from left to right: fine grids with few channels become coarse "
        "grids with many. Choose a stage, then a channel, to see where on the picture it answers."
    )
    with explained(), st.container(key="inside-view"):
        _view(spec, image)


def _view(spec: ModelSpec, image: Image) -> None:
    key = f"{spec.name}:{image.sha256}"
    slot = f"inside-{spec.task}"
    asked = _asked(slot, key)
    item = asked["item"] if isinstance(asked.get("item"), int) else 0
    with st.spinner("Looking inside the network", show_time=False):
        look = caching.survey(spec, image.sha256, item, image)
        layer = _layer(look, asked.get("layer"))
        order = asked["order"] if asked.get("order") in _ORDERS else "activity"
        crop = crop_of(layer.shape, look.letterboxes[item], look.content)
        sprite = caching.channel_sprite(spec, image.sha256, layer.name, order, item, _tile(layer), crop, image)
    address.write({"layer": layer.name if layer.name != _first(look) else None})
    component("inside_view")(
        key=slot,
        data={
            "key": key,
            "picture": picture_data(image, caching.display_url(image.sha256, image, _PICTURE_SIDE)),
            "area": crop.area,
            "stages": [_stage(spec, image, look, name, item) for name in look.stages],
            "layers": [{"name": x.name, "kind": x.kind} for x in _choices(look)],
            "layer": {"name": layer.name, "shape": layer.shape},
            "order": order,
            "item": item,
            "items": [f"Person {i + 1}" for i in range(len(look.letterboxes))] if spec.detector else [],
            **sprite,
        },
        on_view_change=lambda: None,
    )
    asked = {"model": spec.name, "layer": layer.name} | ({"item": str(item)} if item else {})
    st.page_link("inside.py", label="Open in the explorer", icon=":material/travel_explore:", query_params=asked)


def _asked(slot: str, key: str) -> dict[str, Any]:
    """What the browser asked for last, for this picture and model; of an earlier picture, the layer stays."""
    layer = address.take("layer")
    state = st.session_state.get(slot)
    told = (state.get("view") if state else None) or {}
    asked = {name: value for name, value in told.items() if name != "item" or told.get("key") == key}
    if isinstance(asked.get("item"), str) and asked["item"].isdecimal():
        asked["item"] = int(asked["item"])
    return asked | ({"layer": layer} if layer else {})


def _layer(look: Survey, name: object) -> Layer:
    known = {layer.name for layer in look.layers}
    return look.layer(name if isinstance(name, str) and name in known else _first(look))


def _first(look: Survey) -> str:
    """Early enough for edges and textures to be recognised."""
    return look.stages[min(2, len(look.stages) - 1)]


def _choices(look: Survey) -> list[Layer]:
    """Convolutions and the blocks made of them; what lies between is a step of theirs."""
    return [x for x in look.layers if not x.leaf or x.kind.startswith("Conv") or x.name in look.stages]


def _stage(spec: ModelSpec, image: Image, look: Survey, name: str, item: int) -> dict[str, Any]:
    layer = look.layer(name)
    crop = crop_of(layer.shape, look.letterboxes[item], look.content)
    # "backbone.stage3" is known by its last part; heads keep both, as in "head heatmap".
    parts = name.split(".")
    label = " ".join(parts[-2:]) if parts[0] == "head" or parts[-1].isdecimal() else parts[-1]
    return {
        "name": name,
        "label": label.replace("_", " "),
        "shape": layer.shape,
        "src": caching.stage_url(spec, image.sha256, name, item, crop, look),
    }


def _tile(layer: Layer) -> int:
    """Pixels of a tile's side: as large as fits a sprite of bounded size, never useless."""
    return min(160, max(28, isqrt(_SPRITE_PIXELS // layer.shape[0])))
