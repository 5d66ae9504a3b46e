"""A number for every thing that it keeps from frame to frame, by ByteTrack (Zhang et al., ECCV 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import Detections, Poses

if TYPE_CHECKING:
    from trackers import ByteTrackTracker

#: Seconds that a thing out of sight keeps its number.
MEMORY_S = 1.5
#: Boxes of different classes are laid this many pixels apart, so that a number never goes over to another class.
_APART = 20_000
UNKNOWN = -1


class Tracker:
    """Numbers from 1 on. Only boxes from the score on start a track; weaker ones keep one alive."""

    def __init__(self, score: float = 0.0) -> None:
        import supervision  # noqa: F401 - with the tracker, for the first frame not to wait for it
        from trackers import ByteTrackTracker

        self._inner: ByteTrackTracker = ByteTrackTracker(
            lost_track_buffer=round(30 * MEMORY_S),  # counted in frames of a thirtieth of a second, as its authors do
            track_activation_threshold=score,
            high_conf_det_threshold=score,
            minimum_consecutive_frames=2,
            minimum_iou_threshold=0.2,
        )

    def start_at(self, score: float) -> None:
        """Go on with another score, keeping the numbers."""
        self._inner.track_activation_threshold = self._inner.high_conf_det_threshold = score

    def update(self, found: Detections | Poses, time_s: float) -> NDArray[np.int64]:
        """(N,) int64 numbers of the boxes in their order, UNKNOWN for those seen for the first time. time_s: rising."""
        import supervision as sv

        found = found.boxes if isinstance(found, Poses) else found
        shift = found.class_ids[:, None].astype(np.float32) * _APART * np.array([1, 0, 1, 0], np.float32)
        boxes = sv.Detections(
            xyxy=found.xyxy + shift,
            confidence=found.scores,
            class_id=found.class_ids,
            data={"index": np.arange(len(found))},
        )
        tracked = self._inner.update(boxes, timestamp=time_s)
        numbers = np.full(len(found), UNKNOWN, np.int64)
        if len(tracked) and tracked.tracker_id is not None:
            numbers[tracked.data["index"]] = np.where(tracked.tracker_id < 0, UNKNOWN, tracked.tracker_id + 1)
        return numbers
