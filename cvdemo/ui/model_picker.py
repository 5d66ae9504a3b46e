"""Choosing a network, and its papers one click away: size, speed, licence, accuracy and the data it was measured on."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cvdemo.registry import REGISTRY, ModelSpec, Task
from cvdemo.types import Timed
from cvdemo.ui import address, words
from cvdemo.ui.notices import notice
from cvdemo.weights import Accuracy, papers, unavailable_reason


def model_picker(task: Task, names: list[str] | None = None) -> tuple[ModelSpec, DeltaGenerator]:
    """Draw the picker of a task's networks. Returns the chosen one and the place for its chip.

    names: offer only these models."""
    specs = [spec for spec in REGISTRY.of_task(task) if names is None or spec.name in names]
    key = f"model-{task}" + (f"-{specs[0].name}" if names else "")
    return choose(specs, key), st.container(width="content")


def choose(
    specs: list[ModelSpec], key: str, width: int = 280, title: Callable[[ModelSpec], str] = lambda spec: spec.title
) -> ModelSpec:
    """Draw a list of those networks that are here, the first in any case; a link to another one is answered with what
    to do. Returns the chosen one."""
    known = {spec.name: spec for spec in specs}
    offered = [spec.name for spec in specs if spec is specs[0] or unavailable_reason(spec) is None]
    away = f"{key}-away"
    if (asked := address.take("model")) in known:
        st.session_state[away] = None if asked in offered else asked
        st.session_state[key] = asked
    if st.session_state.get(key) not in offered:
        st.session_state.pop(key, None)
    name = st.selectbox(
        "Model",
        offered,
        format_func=lambda name: title(known[name]),
        key=key,
        persist_state="session",
        label_visibility="collapsed",
        width=width,
        on_change=lambda: st.session_state.update({away: None}),
    )
    if reason := unavailable_reason(known[st.session_state.get(away) or name]):
        notice(reason)
    address.write({"model": name if name != specs[0].name else None})
    return known[name]


def chip(place: DeltaGenerator, spec: ModelSpec, timed: Timed[object] | None) -> None:
    """Parameters, time and device in one line; a click shows the papers."""
    row = papers(spec)
    parts = [f"{words.amount(row.parameters)} parameters"] if row else []
    parts += [words.duration(timed.forward_s), timed.device] if timed else []
    with place.popover(" · ".join(parts) or "About this model", type="tertiary", icon=":material/badge:"):
        st.markdown(f"**{spec.title}**  \n{spec.summary}")
        facts = {"Input": f"{spec.input_hw[1]} × {spec.input_hw[0]} pixels", "Classes": str(len(spec.class_names))}
        if row:
            facts |= {
                "Parameters": words.amount(row.parameters),
                "File": f"{spec.weights}, {words.size(row.bytes)}",
                "Accuracy": "  \n".join(accuracy_words(a) for a in row.accuracy) or "not measured yet",
                "Licence": row.licence,
                "Source": row.source,
            }
        else:
            facts |= {"File": spec.weights, "Licence": "as its author states", "Accuracy": "not measured here"}
        st.markdown("\n\n".join(f"**{name}**  \n{value}" for name, value in facts.items()))
        st.page_link("models.py", label="All networks, and more to fetch", icon=":material/arrow_forward:")


def accuracy_words(a: Accuracy) -> str:
    """A figure with what it was measured on: "mIoU 0.681 on CamVid val, 101 scenes"."""
    value = f"{a.value * 100:.1f} %" if a.metric.lower().startswith(("accuracy", "top", "super")) else f"{a.value:.3f}"
    of = "" if a.of == "this file" else f" ({a.of})"
    return f"{a.metric} {value} on {a.dataset}{of}"
