"""What this machine has: device, threads, and which networks are ready."""

from __future__ import annotations

import streamlit as st

from cvdemo.engine import engine
from cvdemo.registry import REGISTRY
from cvdemo.settings import settings
from cvdemo.ui import words
from cvdemo.ui.notices import explained
from cvdemo.weights import papers, unavailable_reason


def facts() -> None:
    """One line, and the list of networks for those who ask."""
    specs = list(REGISTRY)
    ready = [spec for spec in specs if unavailable_reason(spec) is None]
    with explained():
        device = engine().device
        threads = words.counted(settings().threads, "thread")
        st.markdown(
            f":material/memory: **{device}**, {threads} · :material/check_circle: **{len(ready)} of {len(specs)}** "
            "networks ready · :material/lock: pictures stay on this machine"
        )
    with st.expander("Networks on this machine"):
        st.dataframe(
            [
                {
                    "Network": spec.title,
                    "Task": spec.task.capitalize(),
                    "Parameters": words.amount(row.parameters) if (row := papers(spec)) else "",
                    "Licence": row.licence if row else "",
                    "State": unavailable_reason(spec) or "ready",
                }
                for spec in specs
            ],
            hide_index=True,
            column_config={"Parameters": st.column_config.TextColumn(alignment="right")},
        )
