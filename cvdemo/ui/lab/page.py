"""The laboratory: one network, three ways to look at it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from cvdemo.ui.lab import choice, quality, training, trying
from cvdemo.ui.lab.choice import Chosen
from cvdemo.ui.notices import explained

_TABS: dict[str, Callable[[Chosen], None]] = {
    "Try it": trying.panel,
    "How good it is": quality.panel,
    "Train it live": training.panel,
}


def show() -> None:
    """Draw the page; only the open tab is computed."""
    with explained():
        chosen = choice.header()
        tabs = st.tabs(list(_TABS), key="lab-tab", on_change="rerun")
        for tab, draw in zip(tabs, _TABS.values(), strict=True):
            if tab.open:
                with tab:
                    draw(chosen)
