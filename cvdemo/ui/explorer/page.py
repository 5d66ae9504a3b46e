"""The explorer's page: stages and layers, the channels of one layer, one of them on the picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from cvdemo.inspect.channels import SORTS
from cvdemo.registry import ModelSpec
from cvdemo.types import Image
from cvdemo.ui import sources, words
from cvdemo.ui.explorer import choice as choices
from cvdemo.ui.explorer import compare, files, what_if, why
from cvdemo.ui.explorer.choice import PAGE, Choice
from cvdemo.ui.explorer.focus import focus_data
from cvdemo.ui.explorer.layer_rows import layers_data
from cvdemo.ui.explorer.maps import Look, look_at, order_of, page_of, stage_urls, store, tiles
from cvdemo.ui.explorer.mount import mount
from cvdemo.ui.explorer.picker import picker
from cvdemo.ui.model_picker import chip
from cvdemo.ui.notices import explained


def show() -> None:
    """Draw the page."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", key="header"):
        with st.container(width="content"):
            st.title("Feature maps", anchor=False)
            st.caption("Every layer of every network on your picture: choose a stage, then a channel, then a place.")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width=600):
            spec, place = picker()
    image = sources.picture()
    with explained():
        chip(place, spec, None)
    # Who came to ask why is answered first.
    parts = [why.panel, _explorer] if why.asked() else [_explorer, why.panel]
    for part in parts:
        part(spec, image)


@st.fragment
def _explorer(spec: ModelSpec, image: Image) -> None:
    """Everything that follows from the picture and the network; a choice runs only this part of the page again."""
    with explained():
        with st.spinner("Looking inside the network", show_time=False):
            look = look_at(spec, image)
            choice = choices.settled(choices.current(spec), look.tree, len(look.letterboxes))
            choice = replace(choice, item=_person(look, choice))
            stages = stage_urls(look, choice.item)
        mount("explorer_layers", spec, layers_data(look.tree, choice.layer, stages))
        with explained():
            channel = _channels_and_focus(look, choice)
            choices.keep(spec, replace(choice, channel=channel))
            _below(look, choice, channel)
            what_if.panel(look, choice, channel)
            compare.panel(look, choice, channel)


def _channels_and_focus(look: Look, choice: Choice) -> int:
    """The grid and the picture, side by side. Returns the channel that is shown."""
    order = order_of(look, choice)
    page = page_of(order, choice)
    shown = order[page * PAGE : (page + 1) * PAGE]
    channel = shown[0] if choice.channel is None else choice.channel
    sprite = tiles(look, choice, shown)
    height, width = look.image.size_hw
    left, right = st.columns([1, 1] if width >= height else [5, 4], gap="medium")
    with left:
        mount("explorer_grid", look.spec, grid_data(look, choice, order, page, channel, sprite))
    with right:
        bounds = (sprite["low"][0], sprite["high"][0]) if choice.scale == "common" else None
        mount("explorer_focus", look.spec, focus_data(look, choice, channel, bounds))
    return channel


def grid_data(
    look: Look, choice: Choice, order: tuple[int, ...], page: int, channel: int, sprite: dict[str, Any]
) -> dict[str, Any]:
    """What the grid component is told."""
    return {
        "key": f"{look.spec.name}:{look.image.sha256}:{choice.layer}:{choice.item}",
        "layer": choice.layer,
        "channels": len(order),
        "channel": channel,
        "chosen": choice.view == "channel",
        "page": page,
        "pages": -(-len(order) // PAGE),
        "first": page * PAGE + 1,
        "sort": choice.sort,
        "anchor": choice.anchor,
        "sorts": [[key, text] for key, text in SORTS.items()],
        "scale": choice.scale,
        "sprite": sprite,
    }


def _person(look: Look, choice: Choice) -> int:
    """Which of the people found a network is followed on, for those that look at each apart; of a large picture that
    is also seen in tiles, the whole view."""
    count = len(look.letterboxes)
    if count < 2 or not look.spec.detector:
        return 0
    key = f"explorer-person-{look.spec.name}-{look.image.sha256}"
    st.session_state.setdefault(key, choice.item)
    chosen = st.segmented_control(
        "Person", range(count), format_func=lambda i: f"Person {i + 1}", key=key, required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    return chosen or 0


def _below(look: Look, choice: Choice, channel: int) -> None:
    kept = store()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="below-explorer"):
        files.menu(look, choice, channel)
        st.caption(
            f"{kept.nbytes / 2**20:.0f} of {kept.budget_mb} MB for feature maps in use, "
            f"{words.counted(kept.passes, 'forward pass')} since you came. Layers and channels need no more."
        )
