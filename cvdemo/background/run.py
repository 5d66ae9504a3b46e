"""One piece of work in a thread of its own, which a page may watch, pause and cancel while it runs."""

from __future__ import annotations

import logging
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

from cvdemo.errors import CvdemoError

State = Literal["running", "paused", "finished", "cancelled", "failed"]
#: Seconds after which a run ends whose visitor is gone.
GONE_AFTER = 600.0
_log = logging.getLogger("cvdemo")


class BackgroundRun(ABC):
    """A daemon thread around _work, which calls _checkpoint often.

    name: of the thread. alive: whether whoever started it is still there; asked now and then. gone_after: seconds
    without them after which it ends. failed: what is said when the reason is none that cvdemo can explain.
    """

    def __init__(self, name: str, alive: Callable[[], bool], gone_after: float, failed: str) -> None:
        self.started = time.time()
        self._alive, self._gone_after, self._failed = alive, gone_after, failed
        # Re-entrant: whoever reads several values at once holds it around properties that take it too.
        self._lock = threading.RLock()
        self._cancel, self._go = threading.Event(), threading.Event()
        self._go.set()
        self._state: State = "running"
        self._message = ""
        self._worked, self._resumed = 0.0, time.monotonic()
        self._last_seen = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def _work(self) -> bool:
        """Do it all; whether it was finished and not cancelled. Raises CvdemoError with what to tell."""

    @property
    @abstractmethod
    def seconds_left(self) -> float | None:
        """How long it will take from now, None while that cannot be told or nothing is left."""

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def pause(self) -> None:
        """Stop at the next checkpoint until resume(); costs no processor time meanwhile."""
        with self._lock:
            if self._state == "running":
                self._state = "paused"
                self._worked += time.monotonic() - self._resumed
                self._go.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        with self._lock:
            if self._state == "paused":
                self._state = "running"
                self._resumed = time.monotonic()
                self._go.set()

    def cancel(self, message: str = "") -> None:
        """End soon; harmless when it has ended."""
        with self._lock:
            if self.active:
                self._message = message
        self._cancel.set()
        self._go.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end; whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def discard(self) -> None:
        """Nobody wants it any more: end it, and let go of what it holds."""
        self.cancel()

    @property
    def state(self) -> State:
        """What it is doing, or how it ended."""
        with self._lock:
            return self._state

    @property
    def active(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ("running", "paused")

    @property
    def message(self) -> str:
        """Why it ended, if it did so early."""
        with self._lock:
            return self._message

    @property
    def seconds(self) -> float:
        """How long it has worked, pauses not counted."""
        with self._lock:
            return self._worked + (time.monotonic() - self._resumed if self._state == "running" else 0.0)

    def _checkpoint(self) -> bool:
        """Called by the work often; blocks while paused. Whether to go on."""
        self._check_owner()
        while not self._go.wait(1.0):
            self._check_owner()
        return not self._cancel.is_set()

    def _run(self) -> None:
        """The thread. Whatever goes wrong becomes a state with a sentence."""
        _yield_to_others()
        try:
            self._end("finished" if self._work() else "cancelled")
        except CvdemoError as error:
            self._end("failed", str(error))
        except Exception:  # the thread's last resort: nobody else would ever hear of it
            _log.exception("a run in the background failed")
            self._end("failed", self._failed)

    def _check_owner(self) -> None:
        now = time.monotonic()
        if self._alive():
            self._last_seen = now
        elif now - self._last_seen > self._gone_after:
            self.cancel("Ended because its page was closed.")

    def _end(self, state: State, message: str = "") -> None:
        with self._lock:
            if self._state == "running":
                self._worked += time.monotonic() - self._resumed
            self._state = state
            self._message = message or self._message


def _yield_to_others() -> None:
    """Let this thread run when nobody else wants the processor, where the system can tell threads apart."""
    if hasattr(os, "setpriority") and hasattr(threading, "get_native_id"):
        try:
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + 5)
        except OSError as error:
            _log.info("a run in the background keeps its priority: %s", error)
