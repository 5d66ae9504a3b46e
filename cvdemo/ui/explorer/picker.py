"""Choosing among the networks of all tasks."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cvdemo.registry import REGISTRY, TASKS, ModelSpec
from cvdemo.ui import address
from cvdemo.ui.notices import notice
from cvdemo.weights import unavailable_reason

_KEY, _USABLE = "explorer-model", "explorer-model-usable"


def picker() -> tuple[ModelSpec, DeltaGenerator]:
    """Draw the picker. Returns the chosen network, or the last one that is here when it is not, and the place for its
    chip."""
    specs = {spec.name: spec for task in TASKS for spec in REGISTRY.of_task(task)}
    first = next(iter(specs))
    if (asked := address.take("model")) in specs:
        st.session_state[_KEY] = asked
    chosen = specs[
        st.selectbox(
            "Model",
            list(specs),
            format_func=lambda name: _title(specs[name]),
            key=_KEY,
            persist_state="session",
            label_visibility="collapsed",
            width=320,
        )
    ]
    place = st.container(width="content")
    if reason := unavailable_reason(chosen):
        notice(reason)
    else:
        st.session_state[_USABLE] = chosen.name
    usable = specs[st.session_state.get(_USABLE, first)]
    address.write({"model": usable.name if usable.name != first else None})
    return usable, place


def _title(spec: ModelSpec) -> str:
    here = "" if unavailable_reason(spec) is None else " (not downloaded)"
    return f"{spec.task.capitalize()}: {spec.title}{here}"
