"""What makes answers steady from frame to frame: numbers for things, calm joints, averaged probabilities."""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from cvdemo.live.protocol import Settings
from cvdemo.live.smoothing import OneEuro
from cvdemo.tasks.tracking import UNKNOWN, Tracker
from cvdemo.types import Classification, Detections, Poses

#: Weaker boxes than those shown keep a track alive: down to this part of the score shown.
KEEPS_ALIVE = 0.5
#: Joints below this score are guesses; the filter does not follow them.
_GUESS = 0.1
#: Seconds over which a classification is averaged.
AVERAGED_S = 0.4


class Tracks:
    """Track numbers, and a filter for the joints of each tracked person."""

    def __init__(self) -> None:
        self._tracker: Tracker | None = None
        self._filters: dict[int, tuple[OneEuro, float]] = {}

    def load(self) -> Tracker:
        """The tracker; its library takes seconds to import the first time."""
        if self._tracker is None:
            self._tracker = Tracker(0.5)
        return self._tracker

    def number(self, found: Detections, score: float, time_s: float) -> NDArray[np.int64]:
        """(N,) numbers of the boxes, UNKNOWN for new ones. score: from which a box starts a track."""
        tracker = self.load()
        tracker.start_at(score)
        return tracker.update(found, time_s)

    def smoothed(self, poses: Poses, numbers: NDArray[np.int64], settings: Settings, time_s: float) -> Poses:
        """The same people with calm joints; those without a number stay as they are."""
        side = max(poses.size_hw)
        keypoints = poses.keypoints.copy()
        for index, number in enumerate(numbers.tolist()):
            if number == UNKNOWN:
                continue
            euro, _ = self._filters.get(number) or (OneEuro(settings.cutoff, settings.beta), 0.0)
            euro.cutoff, euro.beta = settings.cutoff, settings.beta
            seen = np.where(poses.keypoint_scores[index, :, None] >= _GUESS, keypoints[index] / side, np.nan)
            calm = euro(seen, time_s) * side
            keypoints[index] = np.where(np.isfinite(calm), calm, keypoints[index])
            self._filters[number] = (euro, time_s)
        self._filters = {n: kept for n, kept in self._filters.items() if time_s - kept[1] < 2.0}
        return Poses(poses.boxes, keypoints, poses.keypoint_scores, poses.skeleton)


class Average:
    """Probabilities averaged over about AVERAGED_S: a single blurred frame does not change the answer."""

    def __init__(self) -> None:
        self._probs: NDArray[np.float64] | None = None
        self._time = 0.0

    def __call__(self, result: Classification, time_s: float) -> Classification:
        """The average up to now."""
        weight = 1.0 if self._probs is None else 1 - exp(-max(time_s - self._time, 0) / AVERAGED_S)
        before = result.probs if self._probs is None else self._probs
        self._probs = before + weight * (result.probs.astype(np.float64) - before)
        self._time = time_s
        return Classification(self._probs.astype(np.float32), result.class_names)
