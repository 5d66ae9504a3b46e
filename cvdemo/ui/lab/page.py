"""The laboratory: one network, three ways to look at it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from cvdemo.ui import address, visits
from cvdemo.ui.lab import choice, quality, training, trying
from cvdemo.ui.lab.choice import Chosen
from cvdemo.ui.notices import explained

_TABS: dict[str, tuple[str, Callable[[Chosen], None]]] = {
    "try": ("Try it", trying.panel),
    "quality": ("How good it is", quality.panel),
    "train": ("Train it live", training.panel),
}
_KEPT, _BEGAN = "lab_tab", "lab_tab_began"


def show() -> None:
    """Draw the page; only the open tab is computed."""
    with explained():
        chosen = choice.header()
        tabs = st.tabs([title for title, _ in _TABS.values()], key="lab-tabs", on_change="rerun", default=_first())
        for tab, (name, (_, draw)) in zip(tabs, _TABS.items(), strict=True):
            if tab.open:
                st.session_state[_KEPT] = name
                address.write({"tab": name if name != "try" else None})
                with tab:
                    draw(chosen)


def _first() -> str:
    """The tab that this visit began with: the one a link asks for, or where the visitor was before."""
    asked = address.take("tab")
    visit, name = st.session_state.get(_BEGAN, (None, "try"))
    if asked in _TABS or visit != visits.number():
        name = asked if asked in _TABS else st.session_state.get(_KEPT, "try")
        st.session_state[_BEGAN] = (visits.number(), name)
    return _TABS[name][0]
