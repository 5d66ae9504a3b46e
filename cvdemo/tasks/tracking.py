"""Who is who from frame to frame: byte-track (Zhang et al. 2022) over boxes, from the library supervision."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import Detections, Poses

#: Seconds for which something that is out of sight keeps its number.
_REMEMBERED = 1.0


class Tracker:
    """Gives the boxes of successive frames numbers that stay with things; one object a video, frames in order.

    Only things of one class are taken for each other. fps: frames a second, about.
    """

    def __init__(self, fps: float = 30.0) -> None:
        import supervision

        with warnings.catch_warnings():
            # Deprecated in favour of a package of its own; requirements.txt keeps to the releases that have it.
            warnings.simplefilter("ignore")
            self._track = supervision.ByteTrack(lost_track_buffer=round(30 * _REMEMBERED), frame_rate=max(fps, 1.0))

    def update(self, found: Detections | Poses) -> NDArray[np.int64]:
        """(N,) int64: the number of each box of the next frame, from 1, or -1 for one that has none yet.

        A thing that appears gets its number in its second frame, except in the first frame of all.
        """
        import supervision

        boxes = found.boxes if isinstance(found, Poses) else found
        # Far apart, classes never overlap; half a picture of room lets things leave it.
        apart = boxes.class_ids[:, None].astype(np.float32) * (2.0 * max(boxes.size_hw))
        numbers = np.full(len(boxes), -1, np.int64)
        tracked = self._track.update_with_detections(
            supervision.Detections(
                xyxy=boxes.xyxy + apart,
                # The library multiplies overlap with score, which loses whatever is moderately sure (a person of
                # MoveNet at 0.35); everything that comes here has passed a threshold, so it counts as nearly sure.
                confidence=0.7 + 0.3 * boxes.scores,
                class_id=boxes.class_ids.copy(),
                data={"row": np.arange(len(boxes))},
            )
        )
        if len(tracked):
            assert tracked.tracker_id is not None
            numbers[np.asarray(tracked.data["row"], np.int64)] = tracked.tracker_id
        return numbers
