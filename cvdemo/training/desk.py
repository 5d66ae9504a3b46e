"""Who trains what in this process: one run a visitor, a few at once, nothing left behind by those who are gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from cvdemo.errors import UsageError
from cvdemo.training.fashion_mnist import Garments
from cvdemo.training.live import GONE_AFTER, LiveTraining
from cvdemo.training.request import TrainingRequest

#: Trainings that may be under way at once; each keeps a processor busy.
MOST_AT_ONCE = 2
#: Ended trainings whose results are kept for their visitors.
_MOST_KEPT = 8


@dataclass(slots=True)
class _Entry:
    run: LiveTraining
    alive: Callable[[], bool]
    seen: float = field(default_factory=time.monotonic)


class TrainingDesk:
    """Starts trainings and hands them out to their owners only. An owner is any string that identifies a visitor."""

    def __init__(self, most: int = MOST_AT_ONCE, gone_after: float = GONE_AFTER) -> None:
        self._most, self._gone_after = most, gone_after
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}

    def start(
        self,
        owner: str,
        request: TrainingRequest,
        alive: Callable[[], bool] = lambda: True,
        data: tuple[Garments, Garments] | None = None,
    ) -> LiveTraining:
        """Begin a training; the owner's ended one, if any, is forgotten. alive, data: see LiveTraining.

        Raises UsageError when the owner's last one is under way or too many are.
        """
        with self._lock:
            self._sweep()
            mine = self._entries.get(owner)
            if mine and mine.run.snapshot().active:
                raise UsageError("Your training is still under way; cancel it before you start another.")
            active = [entry.run.snapshot() for entry in self._entries.values()]
            active = [snapshot for snapshot in active if snapshot.active]
            if len(active) >= self._most:
                waits = [s.seconds_left for s in active if s.seconds_left is not None]
                raise UsageError(_full(len(active), min(waits, default=None)))
            run = LiveTraining(request, alive, data, self._gone_after)
            self._entries[owner] = _Entry(run, alive)
            run.start()
        return run

    def of(self, owner: str) -> LiveTraining | None:
        """The owner's training, under way or ended; None when there is none."""
        with self._lock:
            self._sweep()
            entry = self._entries.get(owner)
            return entry.run if entry else None

    def forget(self, owner: str) -> None:
        """Cancel the owner's training if need be, and drop its result."""
        with self._lock:
            entry = self._entries.pop(owner, None)
        if entry:
            entry.run.cancel()

    def close(self, timeout: float = 30.0) -> None:
        """Cancel everything and wait for the threads to end."""
        with self._lock:
            runs = [entry.run for entry in self._entries.values()]
            self._entries.clear()
        for run in runs:
            run.cancel()
        for run in runs:
            run.join(timeout)

    def _sweep(self) -> None:
        """Drop ended trainings whose owners have been gone for long, and the oldest when there are too many."""
        now = time.monotonic()
        for owner, entry in list(self._entries.items()):
            if entry.alive():
                entry.seen = now
            elif now - entry.seen > self._gone_after and not entry.run.snapshot().active:
                del self._entries[owner]
        ended = [owner for owner, entry in self._entries.items() if not entry.run.snapshot().active]
        for owner in ended[: max(0, len(ended) - _MOST_KEPT)]:
            del self._entries[owner]


def _full(count: int, seconds: float | None) -> str:
    wait = f", in about {max(1, round(seconds / 60))} min" if seconds is not None else ""
    return f"{count} trainings are under way, as many as this machine takes; try again when one has ended{wait}."


@cache
def desk() -> TrainingDesk:
    """The desk of this process."""
    return TrainingDesk()
