"""Timing things against each other in one run, A B A B, so that a machine whose speed drifts favours none."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

Run = Callable[[], object]


def alternate(candidates: Sequence[Run], runs: int) -> list[list[float]]:
    """Seconds of each candidate's runs, made in turn after two warm-up rounds."""
    seconds: list[list[float]] = [[] for _ in candidates]
    for number in range(runs + 2):
        for run, taken in zip(candidates, seconds, strict=True):
            start = time.perf_counter()
            run()
            if number >= 2:
                taken.append(time.perf_counter() - start)
    return seconds
