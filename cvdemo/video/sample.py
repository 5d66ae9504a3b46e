"""A short clip to start with, made at run time from the sample photos: the camera glides over each of them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from cvdemo.errors import VideoError
from cvdemo.registry import Task
from cvdemo.samples import available_samples, load_sample
from cvdemo.types import Image
from cvdemo.video.writing import Mp4Writer

_SIZE_HW = (480, 640)
_FPS, _SECONDS = 12, 5.0


@dataclass(frozen=True, slots=True)
class _Shot:
    """A glide over a photo, each pair the beginning and the end. zoom: share of the largest cut of the right shape
    that is seen. x, y: where the cut lies in the room there is, 0 at the left or the top."""

    photo: str
    x: tuple[float, float] = (0.25, 0.75)
    y: tuple[float, float] = (0.3, 0.7)
    zoom: tuple[float, float] = (1.0, 0.85)


_STREET = _Shot("street", y=(0.4, 0.8))
_SIDELINE = _Shot("sideline", x=(0.2, 0.8), y=(0.0, 0.1))
_SHOTS: dict[Task, tuple[_Shot, ...]] = {
    "detect": (_STREET, _SIDELINE),
    "pose": (_STREET, _SIDELINE),
    "segment": (_STREET,),
    "classify": (_Shot("cat"), _Shot("coffee")),
}


@cache
def sample_clip(task: Task) -> bytes:
    """An MP4 of five seconds over one or two photos that suit the task; the same each time.

    Raises VideoError when they are not on this machine.
    """
    here = {sample.name for sample in available_samples()}
    shots = [shot for shot in _SHOTS[task] if shot.photo in here]
    if not shots:
        raise VideoError("The sample photos are not on this machine; upload a video of your own.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with Mp4Writer(path, _SIZE_HW, _FPS) as writer:
            each = round(_SECONDS * _FPS / len(shots))
            for i, shot in enumerate(shots):
                photo = load_sample(shot.photo)
                for step in range(each):
                    writer.write(_view(photo, shot, step / (each - 1)), (i * each + step) / _FPS)
        return path.read_bytes()


def _view(photo: Image, shot: _Shot, done: float) -> NDArray[np.uint8]:
    """What the camera sees at that share of the shot's time, (H, W, 3) uint8."""
    eased = done * done * (3 - 2 * done)
    x, y, zoom = (begin + (end - begin) * eased for begin, end in (shot.x, shot.y, shot.zoom))
    height, width = photo.size_hw
    scale = min(width / _SIZE_HW[1], height / _SIZE_HW[0]) * zoom
    w, h = min(_SIZE_HW[1] * scale, width), min(_SIZE_HW[0] * scale, height)
    left, top = (width - w) * x, (height - h) * y
    box = (left, top, min(left + w, width), min(top + h, height))
    picture = PilImage.fromarray(photo.pixels)
    return np.asarray(picture.resize(_SIZE_HW[::-1], PilImage.Resampling.BILINEAR, box=box))
