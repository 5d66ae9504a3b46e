"""A video being processed in the background: how far it is, and what came of it."""

from __future__ import annotations

import io
import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PIL import Image as PilImage

from cvdemo.background import GONE_AFTER, BackgroundRun, Desk, State
from cvdemo.video.annotate import Outputs, Step, VideoRequest, annotate_video
from cvdemo.video.reading import VideoInfo
from cvdemo.video.series import Series
from cvdemo.video.workspace import Workspace, workspace

#: Videos that may be processed at once; each keeps a processor busy.
MOST_AT_ONCE = 2
#: A preview is made at most this often, and this large.
_PREVIEW_EVERY, _PREVIEW_SIDE = 0.5, 720
#: Frames over which the speed is measured.
_SPEED_OVER = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A video at one moment. done: frames. total: frames to expect, 0 before the file was looked at. fps: frames a
    second at present. seconds: of work, pauses not counted. preview: the latest frame as a JPEG. preview_hw: size of
    the film. message: why it ended, if it did so early, or that the file is cut short."""

    state: State
    done: int
    total: int
    fps: float
    seconds: float
    seconds_left: float | None
    preview: bytes | None
    preview_hw: tuple[int, int]
    message: str

    @property
    def active(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ("running", "paused")

    @property
    def share(self) -> float:
        """How much of it is done, 0..1."""
        if self.state == "finished":
            return 1.0
        return min(self.done / self.total, 1.0) if self.total else 0.0


class VideoRun(BackgroundRun):
    """One video through one network in a daemon thread. data: the file's bytes; alive, gone_after: see BackgroundRun.

    What it writes lies in a folder of its own until discard(). Raises VideoError when there is no room for them.
    """

    def __init__(
        self,
        request: VideoRequest,
        data: bytes,
        alive: Callable[[], bool] = lambda: True,
        gone_after: float = GONE_AFTER,
        place: Workspace | None = None,
    ) -> None:
        super().__init__(
            f"video {request.spec.name}",
            alive,
            gone_after,
            failed="The video could not be processed for a reason of its own; try another file.",
        )
        self.request = request
        self._folder = (place or workspace()).job()
        self._data: bytes | None = data
        self.outputs = Outputs.in_folder(self._folder, "annotated")
        self._info: VideoInfo | None = None
        self._series: Series | None = None
        self._discarded = False
        self._done, self._total, self._end_seconds = 0, 0, 0.0
        self._ticks: deque[float] = deque(maxlen=_SPEED_OVER)
        self._preview: bytes | None = None
        self._previewed = 0.0

    @property
    def info(self) -> VideoInfo | None:
        """What the file is, once it was looked at."""
        with self._lock:
            return self._info

    @property
    def series(self) -> Series | None:
        """The curves so far."""
        with self._lock:
            return self._series

    @property
    def has_result(self) -> bool:
        """Whether there is something to show: it has ended, not by a failure, with at least one frame."""
        with self._lock:
            return self._state in ("finished", "cancelled") and self._done > 0 and not self._discarded

    @property
    def seconds_left(self) -> float | None:
        """From the speed of the latest frames."""
        with self._lock:
            left, speed = self._total - self._done, self._speed()
            return left / speed if speed and left >= 0 and self.active else None

    def standing(self) -> Standing:
        """Where it stands now."""
        with self._lock:
            return Standing(
                state=self._state,
                done=self._done,
                total=self._total,
                fps=self._speed() if self.active else (self._done / self.seconds if self.seconds else 0.0),
                seconds=self.seconds,
                seconds_left=self.seconds_left,
                preview=self._preview,
                preview_hw=self._info.size_hw if self._info else (0, 0),
                message=self._message,
            )

    def discard(self) -> None:
        """End it and remove its files; while the thread still writes, it does so itself at its end."""
        with self._lock:
            self._discarded = True
            ended = not self.active
        self.cancel()
        if ended:
            self._remove()

    def _work(self) -> bool:
        data, self._data = self._data or b"", None
        finished = annotate_video(data, self.request, self.outputs, self._began, self._on_frame)
        if finished and self._info is not None:
            with self._lock:
                self._message = self._info.note
        return finished

    def _end(self, state: State, message: str = "") -> None:
        super()._end(state, message)
        with self._lock:
            gone = self._discarded
        if gone or state == "failed":
            self._remove()

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _began(self, info: VideoInfo, series: Series) -> None:
        with self._lock:
            self._info, self._series = info, series
            self._total = info.frames_within(self.request.limits)

    def _on_frame(self, step: Step) -> bool:
        now = time.monotonic()
        preview = _jpeg(step) if now - self._previewed > _PREVIEW_EVERY else None
        with self._lock:
            self._done += 1
            self._ticks.append(self.seconds)
            if preview:
                self._preview, self._previewed = preview, now
        return self._checkpoint()

    def _speed(self) -> float:
        """Frames a second over the latest ones. Callers hold the lock."""
        if len(self._ticks) < 2 or self._ticks[-1] <= self._ticks[0]:
            return 0.0
        return (len(self._ticks) - 1) / (self._ticks[-1] - self._ticks[0])


def _jpeg(step: Step) -> bytes:
    picture = PilImage.fromarray(step.drawn)
    picture.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)
    return stream.getvalue()


class VideoDesk(Desk[VideoRun]):
    """Starts videos and hands them out to their owners only."""

    def __init__(
        self, most: int = MOST_AT_ONCE, gone_after: float = GONE_AFTER, place: Workspace | None = None
    ) -> None:
        super().__init__("video", most, gone_after)
        self._place = place

    def start(
        self, owner: str, request: VideoRequest, data: bytes, alive: Callable[[], bool] = lambda: True
    ) -> VideoRun:
        """Begin; the owner's last result is dropped. Raises UsageError when it has to wait, VideoError."""
        return self.begin(owner, lambda: VideoRun(request, data, alive, self._gone_after, self._place), alive)


@cache
def desk() -> VideoDesk:
    """The desk of this process."""
    return VideoDesk()
