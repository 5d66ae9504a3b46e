"""Choosing a network, and its papers one click away: size, speed, licence, accuracy and the data it was measured on."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cvdemo.registry import REGISTRY, ModelSpec, Task
from cvdemo.types import Timed
from cvdemo.ui import address, words
from cvdemo.ui.notices import notice
from cvdemo.weights import Accuracy, papers, unavailable_reason


def model_picker(task: Task, names: list[str] | None = None) -> tuple[ModelSpec, DeltaGenerator]:
    """Draw the picker. Returns the chosen network, or the last one that is here when it is not, and the place for
    its chip. names: offer only these models."""
    specs = [spec for spec in REGISTRY.of_task(task) if names is None or spec.name in names]
    known = {spec.name: spec for spec in specs}
    key = f"model-{task}" + (f"-{specs[0].name}" if names else "")
    if (asked := address.take("model")) in known:
        st.session_state[key] = asked
    chosen = known[
        st.selectbox(
            "Model",
            list(known),
            format_func=lambda name: _title(known[name]),
            key=key,
            persist_state="session",
            label_visibility="collapsed",
            width=280,
        )
    ]
    chip = st.container(width="content")
    reason = unavailable_reason(chosen)
    if reason:
        notice(reason)
    else:
        st.session_state[f"{key}-usable"] = chosen.name
    usable = known[st.session_state.get(f"{key}-usable", specs[0].name)]
    address.write({"model": usable.name if usable is not specs[0] else None})
    return usable, chip


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
                "Accuracy": "  \n".join(_accuracy(a) for a in row.accuracy) or "not measured yet",
                "Licence": row.licence,
                "Source": row.source,
            }
        else:
            facts |= {"File": spec.weights, "Licence": "as its author states", "Accuracy": "not measured here"}
        st.markdown("\n\n".join(f"**{name}**  \n{value}" for name, value in facts.items()))


def _title(spec: ModelSpec) -> str:
    return spec.title if unavailable_reason(spec) is None else f"{spec.title} (not downloaded)"


def _accuracy(a: Accuracy) -> str:
    value = f"{a.value * 100:.1f} %" if a.metric.lower().startswith(("accuracy", "top", "super")) else f"{a.value:.3f}"
    of = "" if a.of == "this file" else f" ({a.of})"
    return f"{a.metric} {value} on {a.dataset}{of}"
