"""One video through one network: the annotated MP4, the records and the curves."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo import tasks
from cvdemo.export import overlay
from cvdemo.registry import ModelSpec
from cvdemo.tasks.tracking import Tracker
from cvdemo.types import Detections, Image, Poses, Result
from cvdemo.video.limits import LIMITS, Limits
from cvdemo.video.opening import Source
from cvdemo.video.reading import Frame, VideoInfo, frames, probe
from cvdemo.video.records import RecordWriter, frame_record
from cvdemo.video.series import Series
from cvdemo.video.writing import Mp4Writer
from cvdemo.viz import draw_boxes, draw_poses


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRequest:
    """What to do with a video. params: of the model's task, see cvdemo.tasks. track: number things and people and keep
    the numbers from frame to frame, for detect and pose. name: the file's name as the user knows it."""

    spec: ModelSpec
    params: Any
    name: str
    track: bool = True
    limits: Limits = field(default=LIMITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where the results go."""

    video: Path
    json: Path
    csv: Path

    @classmethod
    def in_folder(cls, folder: Path, stem: str) -> Outputs:
        """STEM.mp4, STEM.json and STEM.csv there."""
        return cls(video=folder / f"{stem}.mp4", json=folder / f"{stem}.json", csv=folder / f"{stem}.csv")


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A frame that is done. frame: as it was read. drawn: (H, W, 3) uint8 RGB with the result on it."""

    frame: Frame
    drawn: NDArray[np.uint8]


class Annotator:
    """Draws on successive frames of one video what the network says of them."""

    def __init__(self, request: VideoRequest) -> None:
        self._request = request
        self._tracker = Tracker() if request.track and request.spec.task in ("detect", "pose") else None
        self._threshold = getattr(request.params, "keypoint_threshold", 0.3)
        self._id = secrets.token_hex(8)
        self.series = Series(request.spec, self._threshold)

    def annotate(self, frame: Frame) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """The picture with the result drawn on it, (H, W, 3) uint8 RGB, and the frame's record."""
        request = self._request
        image = Image(frame.pixels, f"{self._id}-{frame.index}", request.name)
        result = tasks.run(request.spec, image, request.params, keep=False).result
        numbers = self._tracker.update(result, frame.seconds) if self._tracker else None
        self.series.add(frame.seconds, result, numbers)
        record = frame_record(request.spec, request.name, frame.index, frame.seconds, result, numbers)
        return self._draw(image, result, numbers), record

    def _draw(self, image: Image, result: Result, numbers: NDArray[np.int64] | None) -> NDArray[np.uint8]:
        if numbers is None:
            return overlay(self._request.spec, image, result, self._threshold)
        if isinstance(result, Poses):
            return draw_poses(
                image, result, keypoint_threshold=self._threshold, labels=len(result) > 1, numbers=numbers.tolist()
            )
        assert isinstance(result, Detections)
        return draw_boxes(image, result, self._request.spec.class_names, numbers=numbers.tolist())


def annotate_video(
    source: Source,
    request: VideoRequest,
    outputs: Outputs,
    began: Callable[[VideoInfo, Series], None] = lambda info, series: None,
    done: Callable[[Step], bool] = lambda step: True,
) -> bool:
    """Read, look, draw and write until the end; whether it came to that.

    began: told what the file is and where the curves grow, before the first frame. done: told each frame; False stops.
    When it is stopped the outputs hold what was done until then. Raises VideoError, WeightsError, DeviceError.
    """
    info = probe(source, request.limits)
    fps = min(info.fps, request.limits.fps)
    annotator = Annotator(request)
    began(info, annotator.series)
    with RecordWriter(outputs.json, outputs.csv) as records, Mp4Writer(outputs.video, info.size_hw, fps) as video:
        for frame in frames(source, info, request.limits):
            drawn, record = annotator.annotate(frame)
            records.write(record)
            video.write(drawn, frame.seconds)
            if not done(Step(frame, drawn)):
                return False
        video.end = max(info.seconds, frame.seconds)
    return True
