"""How long work tells how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from cvdemo.errors import CvdemoError

#: Called with the number of steps done and of all steps.
Progress = Callable[[int, int], None]


class CancelledError(CvdemoError):
    """The user stopped the work."""


def stop_if_set(cancel: Event | None) -> None:
    """Raises CancelledError once the flag is set."""
    if cancel is not None and cancel.is_set():
        raise CancelledError("This was stopped; start it again to see the result.")
