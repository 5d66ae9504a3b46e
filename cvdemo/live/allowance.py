"""How much one visitor may send."""

from __future__ import annotations


class Allowance:
    """A bucket of messages that fills at a rate; a second's worth fits in.

    rate: messages a second. patience: messages beyond the allowance after which the sender counts as a flood.
    """

    def __init__(self, rate: float, patience: int) -> None:
        self.rate, self.patience = rate, patience
        self._left, self._time = rate, 0.0
        self.refused = 0

    def take(self, time_s: float) -> bool:
        """Whether one more message is allowed now. time_s: seconds, rising."""
        self._left = min(self.rate, self._left + (time_s - self._time) * self.rate)
        self._time = time_s
        if self._left < 1:
            self.refused += 1
            return False
        self._left -= 1
        return True

    @property
    def flood(self) -> bool:
        """Whether the sender has long gone beyond it."""
        return self.refused > self.patience
