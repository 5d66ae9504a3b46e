"""Bytes from anywhere -> Image: what is accepted, what is refused before it is decoded, and why."""

from __future__ import annotations

import hashlib
import struct
import unicodedata
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL import Image as PILImage

from cvdemo.errors import ImageError
from cvdemo.imaging.colour import to_srgb
from cvdemo.imaging.signatures import picture_format, what_is_it
from cvdemo.types import Image

MAX_BYTES = 20 * 1024 * 1024
#: Admits a phone's 48-megapixel photo (8064 x 6048), 150 MB once decoded. Pillow only starts to warn at 89
#: megapixels, so everything that it would warn about is refused here.
MAX_PIXELS = 50_000_000
#: cv2.remap and cv2.warpAffine take no side of 32,767 or more.
MAX_SIDE = 32_000
#: File name endings of the accepted formats, for looking through folders.
SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".bmp", ".tif", ".tiff", ".gif",
    ".heic", ".heif", ".hif", ".avif",
)  # fmt: skip


def _open_heif(stream: BytesIO) -> PILImage.Image:
    from pillow_heif import HeifImageFile  # 50 ms that only an iPhone's photo has to pay for

    image: PILImage.Image = HeifImageFile(stream)
    return image


# The readers are called by name instead of through PIL.Image.open: that one tries whatever plugin another
# library has registered, and ultralytics replaces it with one that may install packages.
_READERS: dict[str, Callable[[BytesIO], PILImage.Image]] = {
    "JPEG": JpegImagePlugin.jpeg_factory,
    "PNG": PngImagePlugin.PngImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "HEIC": _open_heif,
}


def load_image(data: bytes, name: str = "", max_pixels: int = MAX_PIXELS) -> Image:
    """Decode a picture: upright, in sRGB, (H, W, 3) uint8, the first frame when there are several.

    data: a whole JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC/HEIF or AVIF file of at most MAX_BYTES. name: the
    file's name as the user knows it; only a display name is kept of it. max_pixels: refuse larger pictures, by
    what their header says, before anything is decoded. Transparent parts become white.
    Embedded colour profiles are converted to sRGB; 16-bit and float pictures are scaled to 8 bits.
    Raises ImageError for anything else; its text says what to do.
    """
    if not data:
        raise ImageError("This file is empty; choose a picture.")
    _check_bytes(len(data))
    fmt = picture_format(data)
    if fmt is None:
        raise ImageError(f"This is {what_is_it(data)}, which is not read here; save it as JPEG or PNG first.")
    pixels = _decode(data, fmt, max_pixels)
    return Image(pixels, hashlib.sha256(data).hexdigest(), display_name(name))


def load_file(path: Path) -> Image:
    """load_image for a file on disk, whose size is looked at before it is read. Raises ImageError."""
    try:
        if not path.is_file():
            problem = "is not a regular file" if path.exists() else "does not exist"
            raise ImageError(f"This file {problem}; name a picture file.")
        _check_bytes(path.stat().st_size)
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"This file cannot be opened ({reason}); check its name and permissions.") from error
    return load_image(data, path.name)


def _check_bytes(count: int) -> None:
    if count > MAX_BYTES:
        limit = MAX_BYTES // 2**20
        raise ImageError(f"This file has {count / 2**20:.1f} MB; choose a picture of at most {limit} MB.")


def image_from_pixels(pixels: NDArray[np.uint8], name: str = "") -> Image:
    """An Image from pixels that never were a file (a video frame, a drawing, a test picture).

    pixels: (H, W, 3) uint8 RGB or (H, W) uint8 grey; copied. Raises ImageError for no or too many pixels.
    """
    rgb = np.repeat(pixels[:, :, None], 3, axis=2) if pixels.ndim == 2 else np.array(pixels, order="C")
    _check_size(rgb.shape[1], rgb.shape[0])
    digest = hashlib.sha256(f"{rgb.shape}".encode())
    digest.update(rgb.tobytes())
    return Image(rgb, digest.hexdigest(), display_name(name))


def display_name(name: str, length: int = 80) -> str:
    """A file name that is safe to show: no folders, no control or direction marks, not too many characters.

    A name longer than length keeps its beginning and its end, so that its suffix stays readable; no name at
    all becomes 'picture'.
    """
    base = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    clean = " ".join("".join(c for c in base if c.isspace() or unicodedata.category(c)[0] != "C").split())
    if len(clean) > length:
        clean = f"{clean[: length - 13]}…{clean[-12:]}"
    return clean if clean.strip(".") else "picture"


def _decode(data: bytes, fmt: str, max_pixels: int) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB of a file of that format. Raises ImageError."""
    try:
        with _READERS[fmt](BytesIO(data)) as picture:  # reads the header only
            _check_size(*picture.size, max_pixels)
            picture.load()
            upright = _upright(picture)
            return np.asarray(to_srgb(upright))
    except ImageError:
        raise
    except PILImage.DecompressionBombError as error:
        raise ImageError(_too_large("far too many")) from error
    except ImportError as error:
        raise ImageError(f"Reading {fmt} needs a package that is missing here; save it as JPEG.") from error
    except MemoryError as error:
        raise ImageError("This machine has too little memory for this picture; scale it down.") from error
    except Exception as error:  # a decoder fed with damaged bytes can raise anything
        raise ImageError(f"This {fmt} file is damaged or cut short; download or export it again.") from error


def _check_size(width: int, height: int, most: int = MAX_PIXELS) -> None:
    """Refuse a picture without pixels or with more than fit. Raises ImageError."""
    if width < 1 or height < 1:
        raise ImageError("This picture has no pixels; choose another one.")
    if width * height > most:
        raise ImageError(_too_large(f"{width * height / 1e6:,.1f} million".replace(".0 ", " "), most))
    if max(width, height) > MAX_SIDE:
        raise ImageError(f"This picture is {max(width, height):,} pixels long; cut it to at most {MAX_SIDE:,} a side.")


def _too_large(pixels: str, most: int = MAX_PIXELS) -> str:
    return f"This picture has {pixels} pixels; scale it down to at most {most / 1e6:g} million."


def _upright(picture: PILImage.Image) -> PILImage.Image:
    """The picture turned as its EXIF orientation says; one with unreadable EXIF data is taken as it lies."""
    try:
        ImageOps.exif_transpose(picture, in_place=True)
    except (SyntaxError, ValueError, TypeError, KeyError, IndexError, OSError, OverflowError, struct.error):
        return picture
    return picture
