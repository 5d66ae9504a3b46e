"""Who runs what in this process: one run a visitor, a few at once, nothing left behind by those who are gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cvdemo.background.run import GONE_AFTER, BackgroundRun
from cvdemo.errors import UsageError

R = TypeVar("R", bound=BackgroundRun)
#: Ended runs whose results are kept for their visitors.
_MOST_KEPT = 8
#: Seconds between looks for results whose visitors are gone.
_SWEEP_EVERY = 30.0


@dataclass(slots=True)
class _Entry(Generic[R]):
    run: R
    alive: Callable[[], bool]
    seen: float = field(default_factory=time.monotonic)


class Desk(Generic[R]):
    """Starts runs and hands them out to their owners only. An owner is any string that identifies a visitor.

    noun: what a run is called when a visitor is told to wait. most: runs that may be under way at once. gone_after:
    seconds after which the result of a visitor who left is dropped.
    """

    def __init__(self, noun: str, most: int, gone_after: float = GONE_AFTER) -> None:
        self._noun, self._most, self._gone_after = noun, most, gone_after
        self._lock = threading.RLock()
        self._entries: dict[str, _Entry[R]] = {}
        self._sweeper: threading.Thread | None = None

    def begin(self, owner: str, make: Callable[[], R], alive: Callable[[], bool] = lambda: True) -> R:
        """Make a run and start it; the owner's ended one, if any, is forgotten. alive: whether the owner is there.

        Raises UsageError when the owner's last one is under way or too many are, and whatever make raises.
        """
        with self._lock:
            self._sweep()
            mine = self._entries.get(owner)
            if mine and mine.run.active:
                raise UsageError(f"Your {self._noun} is still under way; cancel it before you start another.")
            active = [entry.run for entry in self._entries.values() if entry.run.active]
            if len(active) >= self._most:
                waits = [run.seconds_left for run in active]
                raise UsageError(self._full(min((s for s in waits if s is not None), default=None)))
            run = make()
            self._entries[owner] = _Entry(run, alive)
            run.start()
            self._keep_sweeping()
        if mine:
            mine.run.discard()
        return run

    def of(self, owner: str) -> R | None:
        """The owner's run, under way or ended; None when there is none."""
        with self._lock:
            self._sweep()
            entry = self._entries.get(owner)
            return entry.run if entry else None

    def forget(self, owner: str) -> None:
        """Cancel the owner's run if need be, and drop its result."""
        with self._lock:
            entry = self._entries.pop(owner, None)
        if entry:
            entry.run.discard()

    def close(self, timeout: float = 30.0) -> None:
        """Cancel everything and wait for the threads to end."""
        with self._lock:
            runs = [entry.run for entry in self._entries.values()]
            self._entries.clear()
        for run in runs:
            run.discard()
        for run in runs:
            run.join(timeout)

    def _sweep(self) -> None:
        """Drop ended runs whose owners have been gone for long, and the oldest when there are too many."""
        now = time.monotonic()
        for owner, entry in list(self._entries.items()):
            if entry.alive():
                entry.seen = now
            elif now - entry.seen > self._gone_after and not entry.run.active:
                self.forget(owner)
        ended = [owner for owner, entry in self._entries.items() if not entry.run.active]
        for owner in ended[: max(0, len(ended) - _MOST_KEPT)]:
            self.forget(owner)

    def _keep_sweeping(self) -> None:
        """Results go also when nobody comes to the desk any more: a thread looks until there is nothing left."""
        if self._sweeper is None or not self._sweeper.is_alive():
            self._sweeper = threading.Thread(target=self._sweep_on, name=f"sweeper of {self._noun}s", daemon=True)
            self._sweeper.start()

    def _sweep_on(self) -> None:
        while True:
            time.sleep(min(_SWEEP_EVERY, max(self._gone_after, 0.1)))
            with self._lock:
                self._sweep()
                if not self._entries:
                    self._sweeper = None
                    return

    def _full(self, seconds: float | None) -> str:
        wait = f", in about {max(1, round(seconds / 60))} min" if seconds is not None else ""
        many = f"{self._most} {self._noun}s are under way, as many as this machine takes"
        return f"{many}; try again when one has ended{wait}."
