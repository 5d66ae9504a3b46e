"""Frames from a browser that nobody vouches for: JPEG only, of bounded size, pixels and decoding effort."""

from __future__ import annotations

from cvdemo.errors import ImageError
from cvdemo.imaging import load_image
from cvdemo.imaging.signatures import picture_format
from cvdemo.types import Image

#: Browsers are asked for 640 pixels at most; the cap leaves them room.
MAX_FRAME_PIXELS = 1280 * 1280
#: A progressive JPEG is decoded once a scan: a file of many empty scans would keep a core busy for minutes.
_MOST_SCANS = 12
_START_OF_SCAN = b"\xff\xda"


def load_frame(jpeg: bytes) -> Image:
    """The frame's pixels. Raises ImageError for what is no JPEG, too large, damaged or built to take long."""
    if picture_format(jpeg) != "JPEG":
        raise ImageError("This frame is not a JPEG; send one.")
    if jpeg.count(_START_OF_SCAN) > _MOST_SCANS:
        raise ImageError("This frame has too many scans; send a baseline JPEG.")
    return load_image(jpeg, "frame", MAX_FRAME_PIXELS)
