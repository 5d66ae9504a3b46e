"""The page: subject and network, the picture with its mask, and the panels that use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from cvdemo.registry import ModelSpec
from cvdemo.tasks import SegmentParams
from cvdemo.types import Image, Segmentation, Timed
from cvdemo.ui import downloads, inside, result_view, sources, template, timing
from cvdemo.ui.model_picker import chip
from cvdemo.ui.notices import explained
from cvdemo.ui.segment import compare, cutouts, doubt, subject, walk, wearing
from cvdemo.ui.view_data import segmentation_data

_LINE = "Gives every pixel of the picture the class it most likely belongs to."
_LOOKING = "The detector is looking at whether this is a street or somebody's clothes."
Panel = Callable[[ModelSpec, Image, Segmentation], None]
#: Tab -> what it shows. Only the open one is computed.
_PANELS: dict[str, Panel] = {
    "Cut out, hide, replace": cutouts.panel,
    "U-Net beside FCN": compare.panel,
    "Inside the decoder": walk.panel,
    "What am I wearing": wearing.panel,
}


def show() -> None:
    """Draw the page."""
    top = st.container()
    image = sources.picture()
    with top:
        heading = st.container()
        row = st.container(horizontal=True, vertical_alignment="center", gap="small", key="segment-subject-row")
        with row:
            subject.control()
    settled = subject.known(image)
    found = subject.chosen(image if settled else None)
    with heading:
        spec, chip_place = template.header("Segment", _LINE, "segment", found.models)
    if not settled:
        with st.container():
            result_view.show_pending(spec, image, _LOOKING)
        subject.look(image)
        st.rerun()
    with row:
        subject.reason(found)
    with explained():
        timed = template.run(spec, image, SegmentParams())
        chip(chip_place, spec, timed)
        _result(spec, image, timed, found.decided)
        _panels(spec, image, timed.result)
        inside.panel(spec, image)
        template.explanation(spec, image)


@st.fragment
def _result(spec: ModelSpec, image: Image, timed: Timed[Any], decided: bool) -> None:
    """The picture with what follows from its settings; moving a slider runs only this part again."""
    state = result_view.show(spec, image, segmentation_data(timed.result, spec.class_names))
    doubt.panel(spec, image, timed.result, decided)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="below-result"):
        timing.bar(timed)
        downloads.menu(spec, image, state.settings, selected=state.selected)


@st.fragment
def _panels(spec: ModelSpec, image: Image, result: Segmentation) -> None:
    """What the mask is good for and where it comes from; a control runs only this part again."""
    tabs = st.tabs(list(_PANELS), key="segment-panels", on_change="rerun")
    for tab, panel in zip(tabs, _PANELS.values(), strict=True):
        if tab.open:
            with tab, explained():
                panel(spec, image, result)
