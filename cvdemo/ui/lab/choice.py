"""The head of the laboratory: which network works here, a shipped one or the visitor's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cvdemo.errors import WeightsMissingError
from cvdemo.fashion.networks import GarmentClassifier, ShippedClassifier, TrainedClassifier, fashion_specs
from cvdemo.registry import ModelSpec
from cvdemo.types import Timed
from cvdemo.ui import address, words
from cvdemo.ui.lab.owner import trained_network
from cvdemo.ui.model_picker import chip

MINE = "mine"
_KEY = "lab-network"


@dataclass(frozen=True, slots=True)
class Chosen:
    """network: what names the garments. spec: its registry row, None for the visitor's own. place: of the chip."""

    network: GarmentClassifier
    spec: ModelSpec | None
    place: Any

    def chip(self, timed: Timed[Any] | None = None) -> None:
        """Size, time and papers of the network."""
        if self.spec:
            chip(self.place, self.spec, timed)
            return
        parameters = sum(p.numel() for p in self.network.module().parameters())
        time = f" · {words.duration(timed.forward_s)}" if timed else ""
        self.place.caption(f":material/badge: {words.amount(parameters)} parameters{time} · trained on this page")


def header() -> Chosen:
    """Title on the left, network on the right. Raises WeightsMissingError when there is no network at all."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", key="header"):
        with st.container(width="content"):
            st.title("Fashion laboratory", anchor=False)
            st.caption("Small networks that tell ten kinds of garment apart: try them, see where they fail, train one.")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width=560):
            return _picked()


def use_mine() -> None:
    """Go over to the visitor's own network; for buttons' callbacks."""
    st.session_state[_KEY] = MINE


def _picked() -> Chosen:
    specs = {spec.name: spec for spec in fashion_specs()}
    mine = trained_network()
    names = [*specs, *([MINE] if mine else [])]
    if not names:
        raise WeightsMissingError("No garment network is in the weights folder; restore it from the repository.")
    if (asked := address.take("model")) in specs:
        st.session_state[_KEY] = asked
    if st.session_state.get(_KEY) not in names:
        st.session_state.pop(_KEY, None)
    name = st.selectbox(
        "Network",
        names,
        format_func=lambda name: specs[name].title if name in specs else _title(mine),
        key=_KEY,
        persist_state="session",
        label_visibility="collapsed",
        width=280,
    )
    place = st.container(width="content")
    address.write({"model": name if name in specs and name != names[0] else None})
    if name in specs:
        return Chosen(ShippedClassifier(specs[name]), specs[name], place)
    assert mine is not None
    return Chosen(mine, None, place)


def _title(mine: TrainedClassifier | None) -> str:
    return mine.title if mine else "My network"
