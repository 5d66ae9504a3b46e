"""Going from page to page: every visit has a number, so that what a page began with can be told from later changes."""

from __future__ import annotations

import streamlit as st

VISIT, _PAGE = "visit_number", "visit_page"


def enter(page: str) -> None:
    """Call once a run with the page's path; a new visit begins when it differs from the last run's."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        st.session_state[VISIT] = number() + 1


def number() -> int:
    """The number of the visit that is going on."""
    return st.session_state.get(VISIT, 0)
