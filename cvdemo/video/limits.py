"""What a video may be, stated once: pages and messages read it here. Importing this loads no codec."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """bytes: of the file. seconds: of playing time. frames: looked at. pixels: of a frame, before it is scaled down.
    side: longest side, in pixels, that frames are scaled down to; results are in these pixels. fps: frames a second
    that are looked at; of a faster video some are left out."""

    bytes: int = 50 * 2**20
    seconds: float = 60.0
    frames: int = 1800
    pixels: int = 3840 * 2176
    side: int = 1280
    fps: float = 30.0

    @property
    def sentence(self) -> str:
        """For people: "MP4, MOV, WebM or GIF, at most 50 MB and 60 s"."""
        return f"{FORMATS}, at most {self.bytes // 2**20} MB and {self.seconds:g} s"


LIMITS = Limits()
FORMATS = "MP4, MOV, WebM or GIF"
SUFFIXES = ("mp4", "m4v", "mov", "webm", "gif")
