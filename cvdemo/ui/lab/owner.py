"""Whose training it is: a secret kept by the session and, while a training lives, in its address bar.

A reload starts a new Streamlit session; the address brings it back to its training. The training learns from here
whether any session that belongs to it is still connected.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cvdemo.fashion.networks import TrainedClassifier
from cvdemo.training.desk import desk
from cvdemo.training.live import LiveTraining
from cvdemo.ui import address, words

_KEY, _QUERY = "lab_owner", "training"
_sessions: dict[str, set[str]] = {}
_lock = threading.Lock()


def token() -> str:
    """The visitor's secret; made on first use, or taken from an address that belongs to a living training."""
    if (asked := address.take(_QUERY)) and desk().of(asked):
        st.session_state[_KEY] = asked
    mine: str = st.session_state.setdefault(_KEY, secrets.token_urlsafe(9))
    if (context := get_script_run_ctx()) is not None:
        with _lock:
            _sessions.setdefault(mine, set()).add(context.session_id)
    return mine


def training() -> LiveTraining | None:
    """The visitor's training, under way or ended."""
    mine = token()
    run = desk().of(mine)
    address.write({_QUERY: mine if run else None})
    return run


def trained_network() -> TrainedClassifier | None:
    """The visitor's own network, once its training has ended."""
    run = training()
    network = run.result if run else None
    if run is None or network is None:
        return None
    accuracy = run.snapshot().accuracy
    right = f", {words.percent(accuracy)}" if accuracy is not None else ""
    return TrainedClassifier(f"mine:{id(run)}:{run.started}", f"My network ({run.request.model}{right})", network)


def presence(mine: str) -> Callable[[], bool]:
    """Tells whether any session of that visitor is connected. Without a server (in tests) they always are."""

    def connected() -> bool:
        if not exists():
            return True
        runtime = get_instance()
        with _lock:
            known = _sessions.get(mine, set())
            alive = {session for session in known if runtime.is_active_session(session)}
            if alive:
                _sessions[mine] = alive
            return bool(alive)

    return connected
