"""Arrays -> PNG files."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage


def png(pixels: NDArray[np.uint8], compression: int = 6) -> bytes:
    """A PNG of (H, W, 3) uint8 RGB or (H, W) uint8 grey or class indices. compression: 1 is fast, 9 is small."""
    return _encoded(PILImage.fromarray(pixels), compression)


def palette_png(
    indices: NDArray[np.uint8],
    colors: NDArray[np.uint8],
    transparent: int | bytes | None = None,
    compression: int = 6,
) -> bytes:
    """A PNG of (H, W) uint8 indices into colors, (n <= 256, 3) uint8 RGB.

    transparent: the one index that is, or the opacity of each of the first indices, 0..255.
    """
    picture = PILImage.fromarray(indices)
    picture.putpalette(colors.tobytes(), "RGB")
    return _encoded(picture, compression, **({} if transparent is None else {"transparency": transparent}))


def _encoded(picture: PILImage.Image, compression: int, **options: int | bytes) -> bytes:
    stream = BytesIO()
    picture.save(stream, "PNG", compress_level=compression, **options)
    return stream.getvalue()
