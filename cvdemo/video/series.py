"""A video in curves: how many of what, how much of which class, how sure, and the joints of each person over time."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cvdemo.registry import ModelSpec
from cvdemo.tasks.pose_angles import ANGLES, Posture, joint_angles, posture
from cvdemo.types import Classification, Detections, Poses, Result, Segmentation

#: Most classes that get a curve; the rest is in the files.
_MOST_LINES = 8
#: A class of a segmentation must cover this share of the picture in some frame to get a curve.
_WORTH_SHOWING = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person over time. number: of the track. seconds: (T,) float64. angles: (T, 8) float32 degrees in the order
    of ANGLES, NaN where not seen. postures: T of them."""

    number: int
    seconds: NDArray[np.float64]
    angles: NDArray[np.float32]
    postures: tuple[Posture, ...]

    def usual_posture(self) -> Posture:
        """The median over time."""
        leans = [p.lean for p in self.postures if p.lean is not None]
        tilts = [p.tilt for p in self.postures if p.tilt is not None]
        return Posture(float(np.median(leans)) if leans else None, float(np.median(tilts)) if tilts else None)


@dataclass(slots=True)
class _Track:
    seconds: list[float] = field(default_factory=list)
    angles: list[NDArray[np.float32]] = field(default_factory=list)
    postures: list[Posture] = field(default_factory=list)


class Series:
    """Gathers curves while a video goes by; safe to read from another thread between two frames."""

    def __init__(self, spec: ModelSpec, keypoint_threshold: float = 0.3) -> None:
        self._spec, self._threshold = spec, keypoint_threshold
        self._seconds: list[float] = []
        self._values: list[dict[int, float]] = []
        self._tracks: defaultdict[int, _Track] = defaultdict(_Track)

    @property
    def unit(self) -> str:
        """What the curves count: "count", "share of the picture" or "probability"."""
        return {"segment": "share of the picture", "classify": "probability"}.get(self._spec.task, "count")

    def add(self, seconds: float, result: Result, numbers: NDArray[np.int64] | None) -> None:
        """Take in the next frame."""
        values = self._of(result)
        if isinstance(result, Poses) and numbers is not None:
            for person in np.flatnonzero(numbers > 0):
                track = self._tracks[int(numbers[person])]
                joints = result.keypoints[person], result.keypoint_scores[person], self._threshold
                track.angles.append(joint_angles(*joints))
                track.postures.append(posture(*joints))
                track.seconds.append(seconds)
        self._values.append(values)
        self._seconds.append(seconds)

    def curves(self) -> tuple[NDArray[np.float64], dict[int, NDArray[np.float64]]]:
        """(T,) seconds, and class id -> (T,) values, those with most in sum first; at most eight."""
        count = len(self._seconds)
        totals: Counter[int] = Counter()
        for values in self._values[:count]:
            totals.update(values)
        if self._spec.task == "segment":
            shown = {i for values in self._values[:count] for i, v in values.items() if v >= _WORTH_SHOWING}
        else:
            shown = set(totals)
        order = [i for i, _ in totals.most_common() if i in shown][:_MOST_LINES]
        lines = {i: np.array([v.get(i, 0.0) for v in self._values[:count]], np.float64) for i in order}
        if self._spec.task == "pose" and not lines:
            lines = {0: np.zeros(count)}
        return np.array(self._seconds[:count], np.float64), lines

    def people(self) -> list[Person]:
        """Everyone seen in at least three frames, whoever was seen longest first."""
        tracks = sorted(self._tracks.items(), key=lambda item: (-len(item[1].seconds), item[0]))
        return [
            Person(
                number=number,
                seconds=np.array(track.seconds, np.float64),
                angles=np.array(track.angles, np.float32).reshape(-1, len(ANGLES)),
                postures=tuple(track.postures),
            )
            for number, track in tracks
            if len(track.seconds) >= 3
        ]

    def _of(self, result: Result) -> dict[int, float]:
        if isinstance(result, Classification):
            return {i: prob for i, _, prob in result.top(5)}
        if isinstance(result, Segmentation):
            shares = result.shares()
            return {int(i): float(shares[i]) for i in np.flatnonzero(shares)}
        boxes = result.boxes if isinstance(result, Poses) else result
        assert isinstance(boxes, Detections)
        return {i: float(n) for i, n in Counter(boxes.class_ids.tolist()).items()}
