"""The address bar: a link restores model, sample and settings; going on rewrites it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

_WRITTEN, _ASKED = "address_written", "address_asked"


def begin() -> None:
    """Read the address at the start of a run: what this session wrote there itself asks for nothing new."""
    now = st.query_params.to_dict()
    st.session_state[_ASKED] = {} if now == st.session_state.get(_WRITTEN) else now


def take(name: str) -> str | None:
    """The value that the address asks for, given out once."""
    asked: dict[str, str] = st.session_state.get(_ASKED, {})
    return asked.pop(name, None)


def peek(name: str) -> str | None:
    """The value that the address asks for, left there for somebody else to take."""
    asked: dict[str, str] = st.session_state.get(_ASKED, {})
    return asked.get(name)


def write(values: Mapping[str, str | None]) -> None:
    """Put these values into the address (None takes one out), leaving the others."""
    now = st.query_params.to_dict()
    wanted = {name: value for name, value in {**now, **values}.items() if value is not None}
    if wanted != now:
        st.query_params.from_dict(wanted)
    st.session_state[_WRITTEN] = wanted


def number(text: str | None, low: float, high: float) -> float | None:
    """A number from an address, forced into its range; None when it is none."""
    try:
        value = float(text) if text else float("nan")
    except ValueError:
        return None
    return min(high, max(low, value)) if value == value else None
