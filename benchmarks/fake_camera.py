"""A film of real photos for Chromium's fake camera: a window that wanders over a sample picture."""

from __future__ import annotations

from io import BytesIO
from math import cos, pi, sin
from pathlib import Path

from PIL import Image as PILImage

from cvdemo.samples import load_sample

#: What Chromium is started with to see the film in place of a camera, without asking.
FLAGS = (
    "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def write_film(path: Path, sample: str = "street", frames: int = 50) -> Path:
    """Write a film in Motion JPEG, 640 x 480, that repeats without a seam."""
    path.write_bytes(b"".join(film_frames(sample, frames, (640, 480))))
    return path


def film_frames(sample: str = "street", frames: int = 20, size: tuple[int, int] = (400, 300)) -> list[bytes]:
    """The frames of such a film, a JPEG each. size: width and height in pixels."""
    picture = PILImage.fromarray(load_sample(sample).pixels)
    return [_frame(picture, 2 * pi * number / frames, size) for number in range(frames)]


def _frame(picture: PILImage.Image, turn: float, size: tuple[int, int]) -> bytes:
    """One frame as a JPEG. turn: 0..2 pi, where the window is on its way."""
    ratio = size[0] / size[1]
    wide = min(picture.width, picture.height * ratio) * (0.9 + 0.06 * cos(turn))
    tall = wide / ratio
    left = (picture.width - wide) * (0.5 + 0.4 * sin(turn))
    top = (picture.height - tall) * (0.5 + 0.15 * sin(2 * turn))
    view = picture.resize(size, PILImage.Resampling.BILINEAR, box=(left, top, left + wide, top + tall))
    stream = BytesIO()
    view.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def flags(film: Path) -> list[str]:
    """Chromium's flags with that film as the camera."""
    return [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
