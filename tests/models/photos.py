"""The photos with people that tests look at."""

from __future__ import annotations

from functools import cache

import numpy as np

from cvdemo.imaging import image_from_pixels, load_image
from cvdemo.types import Image

#: Joints by number, left and right exchanged.
LEFT_RIGHT = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]


@cache
def photo(name: str) -> Image:
    """bus (two men and a third at the edge), zidane (two men, close) or astronaut (one woman)."""
    if name == "astronaut":
        from skimage.data import astronaut

        return image_from_pixels(np.ascontiguousarray(astronaut()), name)
    from ultralytics.utils import ASSETS

    return load_image((ASSETS / f"{name}.jpg").read_bytes(), f"{name}.jpg")
