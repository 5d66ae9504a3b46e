"""Who trains what in this process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from cvdemo.background import GONE_AFTER, Desk
from cvdemo.training.fashion_mnist import Garments
from cvdemo.training.live import LiveTraining
from cvdemo.training.request import TrainingRequest

#: Trainings that may be under way at once; each keeps a processor busy.
MOST_AT_ONCE = 2


class TrainingDesk(Desk[LiveTraining]):
    """Starts trainings and hands them out to their owners only."""

    def __init__(self, most: int = MOST_AT_ONCE, gone_after: float = GONE_AFTER) -> None:
        super().__init__("training", most, gone_after)

    def start(
        self,
        owner: str,
        request: TrainingRequest,
        alive: Callable[[], bool] = lambda: True,
        data: tuple[Garments, Garments] | None = None,
    ) -> LiveTraining:
        """Begin; the owner's last result is dropped. data: see LiveTraining. Raises UsageError when it has to wait."""
        return self.begin(owner, lambda: LiveTraining(request, alive, data, self._gone_after), alive)


@cache
def desk() -> TrainingDesk:
    """The desk of this process."""
    return TrainingDesk()
