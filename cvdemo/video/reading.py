"""Frames of a video file: upright, at working size, each with its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import VideoError
from cvdemo.video.limits import LIMITS, Limits
from cvdemo.video.opening import Source, opened

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

#: Frames are skipped only where they come clearly faster than asked for; clocks of phones waver by this share.
_WAVER = 0.9
#: Packets in a row that may be damaged before the rest is given up.
_MOST_DAMAGED = 30
_SHORTEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInfo:
    """What is known before decoding the whole. size_hw: of the frames as they come out, upright and at working size,
    even numbers. source_hw: of the upright frames in the file. seconds: playing time of what is there. declared:
    playing time that the file claims, where it does. frames: in the file. codec: FFmpeg's name of it."""

    size_hw: tuple[int, int]
    source_hw: tuple[int, int]
    seconds: float
    declared: float | None
    frames: int
    codec: str

    @property
    def fps(self) -> float:
        """Frames a second on average."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0

    def frames_within(self, limits: Limits) -> int:
        """About how many frames will be looked at."""
        return min(self.frames, round(self.seconds * limits.fps) + 1)

    @property
    def note(self) -> str:
        """A sentence where the file is cut short, else empty."""
        if self.declared is None or self.declared - self.seconds < max(0.5, 0.05 * self.declared):
            return ""
        return f"The file is cut short: {self.seconds:.1f} of {self.declared:.1f} s could be read."


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """index: from 0, of the frames looked at. seconds: since the first one. pixels: (H, W, 3) uint8 RGB, upright."""

    index: int
    seconds: float
    pixels: NDArray[np.uint8]


def probe(source: Source, limits: Limits = LIMITS) -> VideoInfo:
    """Look through a file without decoding more than its first frame. Raises VideoError."""
    with opened(source, limits) as (container, stream):
        first, turned, codec = None, 0, stream.codec_context.name
        times: list[float] = []
        last_duration = 0.0
        declared = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None
        for packet in container.demux(stream):
            if packet.pts is None or packet.time_base is None:
                continue
            if first is None:
                first = next(iter(_decoded(packet)), None)
                turned = _quarter_turns(first) if first is not None else 0
            times.append(float(packet.pts * packet.time_base))
            last_duration = float((packet.duration or 0) * packet.time_base)
            if len(times) > 20 * limits.frames:
                raise VideoError("This video has far too many frames; cut it shorter.")
        if first is None:
            first = next(iter(_decoded(None, stream)), None)
            turned = _quarter_turns(first) if first is not None else 0
    if first is None or not times:
        raise VideoError("Not one frame of this video can be read; export or download it again.")
    upright = _upright_size(first, turned)
    _check_size(upright, limits)
    spread = max(times) - min(times)
    seconds = spread + (last_duration if 0 < last_duration < 10 else spread / max(len(times) - 1, 1))
    _check_seconds(seconds, limits)
    return VideoInfo(
        size_hw=working_size(upright, limits.side),
        source_hw=upright,
        seconds=seconds,
        declared=declared,
        frames=len(times),
        codec=codec,
    )


def first_frame(source: Source, limits: Limits = LIMITS) -> NDArray[np.uint8]:
    """The first frame, (H, W, 3) uint8 RGB, upright and at working size. Raises VideoError."""
    return next(iter(frames(source, probe(source, limits), limits))).pixels


def working_size(size_hw: tuple[int, int], side: int) -> tuple[int, int]:
    """The size that frames are scaled to: the longer side at most side, both even as H.264 wants them."""
    scale = min(1.0, side / max(size_hw))
    height, width = (max(_SHORTEST, round(n * scale / 2) * 2) for n in size_hw)
    return height, width


def frames(source: Source, info: VideoInfo, limits: Limits = LIMITS) -> Iterator[Frame]:
    """The frames, at most limits.fps of them a second. Damaged parts are left out.

    Raises VideoError when nothing can be read or the file turns out to be longer than its header says.
    """
    gap = _WAVER / limits.fps
    count, begin, last = 0, 0.0, -np.inf
    with opened(source, limits) as (container, stream):
        for number, frame in enumerate(_all_frames(container, stream)):
            time = frame.time if frame.time is not None else number / max(info.fps, 1.0)
            begin = time if count == 0 else begin
            if time - begin - last < gap:
                continue
            _check_size((frame.height, frame.width), limits)
            _check_seconds(time - begin, limits)
            if count >= limits.frames:
                raise VideoError(f"This video has more than {limits.frames} frames; cut it shorter.")
            yield Frame(count, time - begin, _pixels(frame, info.size_hw))
            last = time - begin
            count += 1
    if not count:
        raise VideoError("Not one frame of this video can be read; export or download it again.")


def _all_frames(container: Any, stream: Any) -> Iterator[VideoFrame]:
    """Every frame that decodes; packets that do not are left out, until too many in a row do not."""
    import av

    damaged = 0
    for packet in container.demux(stream):
        try:
            decoded = packet.decode()
        except av.error.InvalidDataError:
            damaged += 1
            if damaged > _MOST_DAMAGED:
                return
            continue
        damaged = 0
        yield from decoded


def _decoded(packet: Any, stream: Any = None) -> list[VideoFrame]:
    """What comes out of the decoder for a packet, or of its delay at the end; nothing where that is damaged."""
    import av

    try:
        return packet.decode() if packet is not None else stream.codec_context.decode(None)
    except (av.error.InvalidDataError, EOFError):
        return []


def _quarter_turns(frame: VideoFrame) -> int:
    """Quarter turns, counter-clockwise as numpy counts them, that make a frame upright."""
    return round(frame.rotation / 90) % 4


def _upright_size(frame: VideoFrame, turns: int) -> tuple[int, int]:
    return (frame.width, frame.height) if turns % 2 else (frame.height, frame.width)


def _pixels(frame: VideoFrame, size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB, upright and at working size. The scaling is done where the colours are converted."""
    turns = _quarter_turns(frame)
    height, width = size_hw if turns % 2 == 0 else size_hw[::-1]
    scaled = frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA")
    pixels = np.asarray(scaled.to_ndarray(), np.uint8)
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def _check_size(size_hw: tuple[int, int], limits: Limits) -> None:
    height, width = size_hw
    if height * width > limits.pixels:
        raise VideoError(f"This video is {width} × {height} pixels large; scale it down to at most 3840 × 2160.")
    if min(size_hw) < _SHORTEST:
        raise VideoError(f"This video is {width} × {height} pixels small; choose one of at least {_SHORTEST} a side.")


def _check_seconds(seconds: float, limits: Limits) -> None:
    if seconds > limits.seconds * 1.02:
        raise VideoError(f"This video is {seconds:.0f} s long; cut it to at most {limits.seconds:g} s.")
