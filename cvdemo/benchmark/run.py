"""A benchmark in the background: which network it measures, and what it has measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from cvdemo.background import GONE_AFTER, BackgroundRun, Desk
from cvdemo.benchmark.measure import Measured
from cvdemo.benchmark.runs import measure_all
from cvdemo.errors import BenchmarkError
from cvdemo.registry import ModelSpec


class BenchmarkRun(BackgroundRun):
    """Networks measured one after the other; alive, gone_after: see BackgroundRun. A pause begins after the network
    under way."""

    def __init__(
        self,
        specs: Sequence[ModelSpec],
        seconds: float,
        alive: Callable[[], bool] = lambda: True,
        gone_after: float = GONE_AFTER,
    ) -> None:
        super().__init__(
            "benchmark", alive, gone_after, failed="The benchmark ended for a reason of its own; try again."
        )
        self.specs = tuple(specs)
        self._each = seconds
        self._measured: list[Measured] = []
        self._problems: list[str] = []

    @property
    def measured(self) -> list[Measured]:
        """What there is so far."""
        with self._lock:
            return list(self._measured)

    @property
    def problems(self) -> list[str]:
        """A sentence for each network that could not be measured."""
        with self._lock:
            return list(self._problems)

    @property
    def done(self) -> int:
        """How many networks are through."""
        with self._lock:
            return len(self._measured) + len(self._problems)

    @property
    def seconds_left(self) -> float | None:
        """From the pace so far."""
        with self._lock:
            return self.seconds / self.done * (len(self.specs) - self.done) if self.done and self.active else None

    def _work(self) -> bool:
        for spec in self.specs:
            if not self._checkpoint():
                return False
            stop = _Stop(self._checkpoint)
            measure_all([spec], self._each, done=self._note, stop=stop)
            if stop.is_set():
                return False
        return True

    def _note(self, result: Measured | BenchmarkError) -> None:
        with self._lock:
            if isinstance(result, BenchmarkError):
                self._problems.append(str(result))
            else:
                self._measured.append(result)


class _Stop:
    """Set once the run is cancelled or its visitor has been gone for long."""

    def __init__(self, go_on: Callable[[], bool]) -> None:
        self._go_on = go_on

    def is_set(self) -> bool:
        """Whether to stop."""
        return not self._go_on()


@cache
def desk() -> Desk[BenchmarkRun]:
    """The process's desk; one at a time, for two would measure each other."""
    return Desk("benchmark", most=1)
