"""The only door for pixels: bytes become an Image here, and an Image becomes a network's input and back."""

from cvdemo.imaging.door import (
    MAX_BYTES,
    MAX_PIXELS,
    MAX_SIDE,
    SUFFIXES,
    display_name,
    image_from_pixels,
    load_file,
    load_image,
)
from cvdemo.imaging.letterbox import Interpolation, crop_letterbox, letterbox, unletterbox

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_SIDE",
    "SUFFIXES",
    "Interpolation",
    "crop_letterbox",
    "display_name",
    "image_from_pixels",
    "letterbox",
    "load_file",
    "load_image",
    "unletterbox",
]
