"""Whom a top-down pose network looks at: searched for now and then, followed by their own joints in between.

A detector in front of every frame would take most of the time. As MoveNet's authors do, the next frame is cut where
the last frame's joints were.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cvdemo.models.boxes import nms_index
from cvdemo.types import Detections, Poses

#: Seconds from one search to the next, while somebody is followed and while nobody is.
SEARCH_EVERY_S, SEARCH_AGAIN_S = 1.0, 0.15
#: Each person is a pass through the network: more would make the stream slow.
MOST_PEOPLE = 4
#: Joints of at least this score say where somebody is; with fewer than _ENOUGH of them, the person is lost.
_SURE, _ENOUGH = 0.2, 5
#: How much the box of the joints grows to hold head, hands and feet.
_GROW = 0.15
_SAME = 0.4


class Follower:
    """Keeps the boxes of the people between searches."""

    def __init__(self) -> None:
        self._people: Detections | None = None
        self._searched = -np.inf

    def must_search(self, time_s: float) -> bool:
        """Whether the detector is due. time_s: seconds, rising."""
        someone = self._people is not None and len(self._people) > 0
        return time_s - self._searched >= (SEARCH_EVERY_S if someone else SEARCH_AGAIN_S)

    def found(self, people: Detections, time_s: float) -> None:
        """What the detector says; whom it missed and who is followed still stays."""
        self._searched = time_s
        self._people = people if self._people is None else _merged(people, self._people)

    def people(self, size_hw: tuple[int, int]) -> Detections:
        """Whom to look at in a frame of that size, at most MOST_PEOPLE."""
        if self._people is None or self._people.size_hw != size_hw:
            return Detections.empty(size_hw)
        return self._people.take(np.arange(min(len(self._people), MOST_PEOPLE)))

    def saw(self, poses: Poses, looked_at: Detections) -> None:
        """The joints of the people that were looked at, in their order: where they are looked for next."""
        boxes = [
            _box_of(joints, s, poses.size_hw) for joints, s in zip(poses.keypoints, poses.keypoint_scores, strict=True)
        ]
        kept = np.array([box is not None for box in boxes], bool)
        if not kept.any():
            self._people = Detections.empty(poses.size_hw)
            return
        xyxy = np.array([box for box in boxes if box is not None], np.float32)
        moved = Detections(xyxy, looked_at.scores[kept], looked_at.class_ids[kept], poses.size_hw)
        self._people = moved.take(nms_index(moved, 0.7))


def _box_of(joints: NDArray[np.float32], scores: NDArray[np.float32], size_hw: tuple[int, int]) -> list[float] | None:
    sure = joints[scores >= _SURE]
    if len(sure) < _ENOUGH:
        return None
    low, high = sure.min(axis=0), sure.max(axis=0)
    grow = _GROW * float((high - low).max())
    edge = np.array(size_hw[::-1], np.float32)
    start, end = np.clip(low - grow, 0, edge - 1), np.clip(high + grow, 1, edge)
    return [float(v) for v in (*start, *end)] if (end > start).all() else None


def _merged(new: Detections, old: Detections) -> Detections:
    """The new boxes, and those old ones that overlap with none of them."""
    if new.size_hw != old.size_hw:
        return new
    missed = [i for i, box in enumerate(old.xyxy) if not any(_overlap(box, other) > _SAME for other in new.xyxy)]
    rest = old.take(np.array(missed, np.int64))
    return Detections(
        np.concatenate([new.xyxy, rest.xyxy]),
        np.concatenate([new.scores, rest.scores]),
        np.concatenate([new.class_ids, rest.class_ids]),
        new.size_hw,
    )


def _overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Intersection as a part of the smaller of two boxes: the box of the joints lies within the detector's."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return float(width * height / smaller) if width > 0 and height > 0 and smaller > 0 else 0.0
