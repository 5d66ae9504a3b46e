"""Frames -> an MP4 that every browser plays: H.264, 4:2:0, the index in front."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.settings import settings

if TYPE_CHECKING:
    from av.packet import Packet

#: Ticks of a second; divides the frame times of all usual rates.
_CLOCK = Fraction(1, 90_000)
_BT709, _LIMITED_RANGE = 1, 1


class Mp4Writer:
    """Writes frames of one even size with their own times. Use it in a with statement; close() comes with its end.

    end: seconds at which the last frame leaves the screen; None shows it as long as the one before.
    """

    def __init__(self, path: Path, size_hw: tuple[int, int], fps: float) -> None:
        import av

        self.end: float | None = None
        self._last, self._tick, self._step = -1, 0, max(1, round(90_000 / max(fps, 1.0)))
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        # Frames that refer to later ones save a fifth of the bytes, but make the container round their times.
        options = {"preset": "veryfast", "crf": "23", "bf": "0"}
        self._stream = self._container.add_stream(
            "libx264", rate=Fraction(round(max(fps, 1.0) * 1000), 1000), options=options
        )
        self._stream.height, self._stream.width = size_hw
        self._stream.pix_fmt = "yuv420p"
        context = self._stream.codec_context
        context.time_base = _CLOCK
        context.thread_count = settings().threads
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED_RANGE

    def __enter__(self) -> Mp4Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, pixels: NDArray[np.uint8], seconds: float) -> None:
        """Append a frame, (H, W, 3) uint8 RGB, shown from seconds on; times must rise."""
        import av

        tick = max(round(seconds / _CLOCK), self._last + 1)
        if self._last >= 0:
            self._step = tick - self._last
        self._last = tick
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.pts, frame.time_base = tick, _CLOCK
        self._mux(self._stream.encode(frame))

    def close(self) -> None:
        """Finish the file."""
        if self._last >= 0:
            if self.end is not None:
                self._step = max(1, round(self.end / _CLOCK) - self._last)
            self._mux(self._stream.encode(None))
        self._container.close()

    def _mux(self, packets: Sequence[Packet[Any]]) -> None:
        for packet in packets:
            if packet.pts == self._last:  # the container takes the others' from the times of those after them
                packet.duration = self._step
            self._container.mux(packet)
