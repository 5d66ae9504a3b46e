"""The button that starts a page's tour, and the card that tells it. Neither takes space in the page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cvdemo.ui import visits
from cvdemo.ui.components import component
from cvdemo.ui.tour.steps import Step
from cvdemo.ui.tour.texts import TOURS

_PROGRESS, _VISITS = "tour_progress", "tour_visits"


@st.fragment
def show(page: str) -> None:
    """Offer the tour of a page, by its path; nothing for pages without one. How far a visitor got and whether the card
    is open is kept in the session."""
    steps = TOURS.get(page)
    if not steps:
        return
    key = f"tour-{page}"
    progress: dict[str, dict[str, Any]] = st.session_state.setdefault(_PROGRESS, {})
    begun = progress.get(page, {"step": 0, "open": False, "done": False})
    state = component("tour")(
        key=key,
        data={"page": page, "steps": [_told(step) for step in steps], "begin": _held(page, begun)},
        on_progress_change=lambda: None,
        on_follow_change=lambda: None,
    )
    progress[page] = _checked(begun, state.progress, len(steps))
    if isinstance(number := state.follow, int) and 0 <= number < len(steps) and (link := steps[number].link):
        st.switch_page(link.page, query_params=link.query)


def _told(step: Step) -> dict[str, Any]:
    return {
        "title": step.title, "text": step.text, "place": step.place, "link": step.link.label if step.link else None
    }  # fmt: skip


def _held(page: str, begun: dict[str, Any]) -> dict[str, Any]:
    """Where this visit to the page began: sent unchanged afterwards, so that the browser is not told what it said."""
    kept: dict[str, Any] = st.session_state.get(_VISITS, {})
    if (kept.get("page"), kept.get("visit")) != (page, visits.number()):
        kept = {"page": page, "visit": visits.number(), "begin": dict(begun)}
        st.session_state[_VISITS] = kept
    begin: dict[str, Any] = kept["begin"]
    return begin


def _checked(begun: dict[str, Any], told: object, count: int) -> dict[str, Any]:
    """What the browser says of the progress, as far as it makes sense."""
    if not isinstance(told, dict):
        return begun
    step = told.get("step")
    good = isinstance(step, int) and not isinstance(step, bool) and 0 <= step < count
    return {
        "step": step if good else begun["step"],
        "open": told.get("open") is True,
        "done": begun["done"] or told.get("done") is True,
    }
