"""What this machine has: device, threads, and which networks are ready."""

from __future__ import annotations

import streamlit as st

from cvdemo.engine import engine
from cvdemo.registry import REGISTRY
from cvdemo.settings import settings
from cvdemo.ui import words
from cvdemo.ui.notices import explained
from cvdemo.weights import unavailable_reason


def facts() -> None:
    """One line."""
    specs = list(REGISTRY)
    ready = [spec for spec in specs if unavailable_reason(spec) is None]
    with explained():
        device = engine().device
        threads = words.counted(settings().threads, "thread")
        st.markdown(
            f":material/memory: **{device}**, {threads} · :material/check_circle: **{len(ready)} of {len(specs)}** "
            "networks ready · :material/lock: pictures stay on this machine"
        )
