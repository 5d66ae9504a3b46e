"""Films with known content, written by PyAV itself and not by the code under test."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

#: Container -> codec and pixel format that a plain file of it has.
USUAL = {
    "mp4": ("libx264", "yuv420p"),
    "mov": ("libx264", "yuv420p"),
    "webm": ("libvpx", "yuv420p"),
    "gif": ("gif", "rgb8"),
}


def numbered(index: int, size_hw: tuple[int, int] = (96, 128)) -> NDArray[np.uint8]:
    """A frame that tells its number by its brightness, with a red upper left quarter."""
    height, width = size_hw
    pixels = np.full((height, width, 3), 20 + 10 * index, np.uint8)
    pixels[: height // 2, : width // 2] = (230, 20, 20)
    return pixels


def number_of(pixels: NDArray[np.uint8]) -> int:
    """The number that a frame of numbered() tells, read in its lower right corner."""
    height, width = pixels.shape[:2]
    return round((float(pixels[3 * height // 4 :, 3 * width // 4 :].mean()) - 20) / 10)


def film(
    times: Sequence[float] = tuple(i / 10 for i in range(8)),
    kind: str = "mp4",
    size_hw: tuple[int, int] = (96, 128),
    rotation: int = 0,
    frames: Sequence[NDArray[np.uint8]] | None = None,
    codec: str | None = None,
    front: bool = True,
) -> bytes:
    """A file whose frame i is numbered(i), or frames[i], shown at times[i]. rotation: degrees counter-clockwise that a
    player has to turn it. front: whether an MP4's index comes first."""
    options = {"movflags": "+faststart"} if front and kind in ("mp4", "mov") else {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"film.{kind}"  # the index can only be brought forward in a file on disk
        _write(path, times, kind, size_hw, rotation, frames, codec, options)
        return path.read_bytes()


def _write(
    path: Path,
    times: Sequence[float],
    kind: str,
    size_hw: tuple[int, int],
    rotation: int,
    frames: Sequence[NDArray[np.uint8]] | None,
    codec: str | None,
    options: dict[str, str],
) -> None:
    usual_codec, pix_fmt = USUAL[kind]
    with av.open(str(path), "w", format=kind, options=options) as container:
        video: Any = container.add_stream(codec or usual_codec, rate=25)
        video.height, video.width, video.pix_fmt = *size_hw, pix_fmt
        clock = Fraction(1, 100) if kind == "gif" else Fraction(1, 1000)
        video.codec_context.time_base = clock
        if video.codec_context.name == "libx264":
            video.codec_context.options = {"bf": "0", "preset": "ultrafast", "crf": "10"}
        if rotation:
            video.set_display_rotation(rotation)
        for i, time in enumerate(times):
            pixels = numbered(i, size_hw) if frames is None else frames[i]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(format=pix_fmt)
            frame.pts, frame.time_base = round(time / clock), clock
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
