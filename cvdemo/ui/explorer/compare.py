"""Compare: the layer that is looked at on a second picture, or beside a layer of another network."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cvdemo.registry import REGISTRY, TASKS, ModelSpec
from cvdemo.types import Image
from cvdemo.ui import address, sources
from cvdemo.ui.explorer.choice import Choice
from cvdemo.ui.explorer.compare_data import compare_data
from cvdemo.ui.explorer.maps import Look, look_at, store
from cvdemo.ui.explorer.mount import mount
from cvdemo.ui.explorer.side import ORDERS, Side, beside, counterpart, pairing
from cvdemo.ui.notices import explained, notice
from cvdemo.weights import unavailable_reason

_OPEN, _WITH, _MODEL = "compare", "compare-with", "compare-model"
_PICTURE, _NETWORK = "Another picture", "Another network"
_ADDRESS = ("with_sample", "with_model", "with_layer")


def panel(look: Look, choice: Choice, channel: int) -> None:
    """Draw the panel. Costs a forward pass only once it is used."""
    _adopt_address()
    with st.expander(
        "Compare with another picture or network", icon=":material/compare:", key=_OPEN, on_change="rerun"
    ) as box:
        if not box.open:
            store().side_by_side = 1
            address.write(dict.fromkeys(_ADDRESS))
            return
        store().side_by_side = 2
        st.session_state.setdefault(_WITH, _PICTURE)
        mode = st.segmented_control(
            "Beside it", [_PICTURE, _NETWORK], key=_WITH, required=True, label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
        with explained():
            first = Side(look, choice)
            second = _other_picture(first) if mode == _PICTURE else _other_network(first)
            if second is not None:
                _show(first, second, channel)


def _adopt_address() -> None:
    """A link that names the other side opens the panel."""
    for parameter, mode in (("with_model", _NETWORK), ("with_sample", _PICTURE)):
        if address.peek(parameter):
            st.session_state[_OPEN] = True
            st.session_state[_WITH] = mode
            return


def _other_picture(first: Side) -> Side | None:
    image: Image = sources.picture(sources.SECOND)
    address.write({"with_model": None, "with_layer": None})
    if image.sha256 == first.look.image.sha256:
        notice("This is the picture above; choose another one to see what changes.")
        return None
    with st.spinner("Looking at the second picture", show_time=False):
        look = look_at(first.look.spec, image)
        return Side(look, beside(first.choice, first.choice.layer, look))


def _other_network(first: Side) -> Side | None:
    here = [spec for task in TASKS for spec in REGISTRY.of_task(task) if unavailable_reason(spec) is None]
    names = [spec.name for spec in here if spec.name != first.look.spec.name]
    if not names:
        notice("There is no other network here; download one on the model manager's page.")
        return None
    if (asked := address.take("with_model")) in names:
        st.session_state[_MODEL] = asked
    if st.session_state.get(_MODEL) not in names:
        st.session_state[_MODEL] = _natural_rival(first.look.spec, names)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox("Network", names, key=_MODEL, format_func=_title, width=320, persist_state="session")
        with st.spinner("Looking with the other network", show_time=False):
            look = look_at(REGISTRY.get(name), first.look.image)
        layer = _layer(first, look)
    address.write({"with_sample": None, "with_model": name, "with_layer": layer})
    return Side(look, beside(first.choice, layer, look))


def _natural_rival(spec: ModelSpec, names: list[str]) -> str:
    """One that does the same job, if there is one."""
    return next((name for name in names if REGISTRY.get(name).task == spec.task), names[0])


def _layer(first: Side, look: Look) -> str:
    maps = [node.name for node in look.tree.maps]
    usual = counterpart(first.look.tree, first.node, look.tree)
    key = f"compare-layer-{look.spec.name}-{first.look.spec.name}-{first.choice.layer}"
    if (asked := address.take("with_layer")) in maps:
        st.session_state[key] = asked
    st.session_state.setdefault(key, usual)
    return st.selectbox("Layer", maps, key=key, width=320)


def _title(name: str) -> str:
    spec = REGISTRY.get(name)
    return f"{spec.task.capitalize()}: {spec.title}"


def _show(first: Side, second: Side, channel: int) -> None:
    with st.spinner("Setting them side by side", show_time=False):
        pairs = pairing(first, second)
    orders = ["above", "shift", "unlike", "alike"] if pairs.shift is not None else ["above", "alike", "unlike"]
    if not pairs.places:
        orders = [each for each in orders if each not in ("alike", "unlike")]
    order: Any = st.selectbox(
        "Order of the channels", orders, format_func=ORDERS.__getitem__, width=320,
        key=f"compare-order-{pairs.shift is None}-{pairs.places}", persist_state="session",
    )  # fmt: skip
    mount("explorer_compare", first.look.spec, compare_data(first, second, pairs, channel, order))
