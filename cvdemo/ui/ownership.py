"""Whose run it is: a secret kept by the session and, while a run lives, in its address bar.

A reload starts a new Streamlit session; the address brings it back to its run. The run learns from here whether any
session that belongs to it is still connected.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cvdemo.background import BackgroundRun, Desk
from cvdemo.ui import address

R = TypeVar("R", bound=BackgroundRun)


class Ownership(Generic[R]):
    """Who owns what at one desk. query: the name of the secret in the address. desk: returns the desk."""

    def __init__(self, query: str, desk: Callable[[], Desk[R]]) -> None:
        self._query, self._key, self._desk = query, f"owner_{query}", desk
        self._sessions: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def token(self) -> str:
        """The visitor's secret; made on first use, or taken from an address that belongs to a living run."""
        if (asked := address.take(self._query)) and self._desk().of(asked):
            st.session_state[self._key] = asked
        mine: str = st.session_state.setdefault(self._key, secrets.token_urlsafe(9))
        if (context := get_script_run_ctx()) is not None:
            with self._lock:
                self._sessions.setdefault(mine, set()).add(context.session_id)
        return mine

    def run(self) -> R | None:
        """The visitor's run, under way or ended."""
        mine = self.token()
        run = self._desk().of(mine)
        address.write({self._query: mine if run else None})
        return run

    def presence(self, mine: str) -> Callable[[], bool]:
        """Tells whether any session of that visitor is connected. Without a server (in tests) they always are."""

        def connected() -> bool:
            if not exists():
                return True
            runtime = get_instance()
            with self._lock:
                alive = {s for s in self._sessions.get(mine, set()) if runtime.is_active_session(s)}
                if alive:
                    self._sessions[mine] = alive
                else:
                    self._sessions.pop(mine, None)
                return bool(alive)

        return connected
