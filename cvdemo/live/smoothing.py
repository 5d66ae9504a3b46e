"""The One-Euro filter of Casiez, Roussel and Vogel (CHI 2012): calm at rest, prompt in motion."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

#: Cutoff of the speed's own low-pass filter in hertz, as in the paper.
SPEED_CUTOFF = 1.0


def alpha(cutoff: NDArray[np.float64] | float, period: float) -> NDArray[np.float64]:
    """The weight of a new value in an exponential filter with that cutoff (hertz) and sampling period (seconds)."""
    tau = 1 / (2 * pi * np.asarray(cutoff, np.float64))
    return np.asarray(1 / (1 + tau / period), np.float64)


class OneEuro:
    """Filters any number of values at once, each by its own speed.

    cutoff: hertz at rest; the lower, the calmer. beta: how much faster motion opens the filter; the higher, the less
    it lags. Values should be of the order of 1 (parts of the picture), or beta loses its meaning.
    """

    def __init__(self, cutoff: float, beta: float) -> None:
        self.cutoff, self.beta = cutoff, beta
        self._value: NDArray[np.float64] | None = None
        self._speed: NDArray[np.float64] = np.zeros(0)
        self._time = 0.0

    def __call__(self, values: NDArray[np.floating], time_s: float) -> NDArray[np.float64]:
        """values: of any shape, the same each time; not-a-number keeps the last answer of that value. time_s: seconds,
        rising. Returns float64 of the same shape; the first answer is the first value."""
        new = np.asarray(values, np.float64)
        period = time_s - self._time
        if self._value is None or self._value.shape != new.shape:
            self._value, self._speed, self._time = new.copy(), np.zeros_like(new), time_s
            return self._value.copy()
        if period <= 0:
            return self._value.copy()
        known, seen = np.isfinite(self._value), np.isfinite(new)
        both = known & seen
        raw_speed = np.where(both, new - np.where(known, self._value, 0), 0) / period
        self._speed += alpha(SPEED_CUTOFF, period) * (raw_speed - self._speed)
        weight = alpha(self.cutoff + self.beta * np.abs(self._speed), period)
        moved = np.where(known, self._value, 0) + weight * np.where(both, new - np.where(known, self._value, 0), 0)
        self._value = np.where(both, moved, np.where(seen, new, self._value))
        self._time = time_s
        return self._value.copy()
