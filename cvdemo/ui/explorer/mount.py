"""Components that ask for another choice."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cvdemo.registry import ModelSpec
from cvdemo.ui.components import component
from cvdemo.ui.explorer import choice as choices


def mount(name: str, spec: ModelSpec, data: dict[str, Any]) -> None:
    """Draw a component; what it asks for is taken over before the next run."""
    key = name.replace("_", "-")
    component(name)(
        key=key, data=data, on_asked_change=lambda: choices.ask(spec, (st.session_state.get(key) or {}).get("asked"))
    )
