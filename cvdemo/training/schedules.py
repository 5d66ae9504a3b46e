"""Learning-rate schedules: progress of the run in 0..1 -> factor on the base rate."""

from __future__ import annotations

import math


def constant(progress: float) -> float:
    """The same rate throughout."""
    return 1.0


def one_cycle(progress: float, warm_up: float = 0.05) -> float:
    """A linear rise during warm_up, then half a cosine down to zero."""
    if progress < warm_up:
        return 0.05 + 0.95 * progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
