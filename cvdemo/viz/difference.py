"""Where two answers to one picture differ, marked on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cvdemo.viz.palette import RGB

#: Colour-blind safe against greys: the palette's vermilion.
MARK: RGB = (213, 94, 0)
_PALE = 0.45


def draw_difference(pixels: NDArray[np.uint8], differs: NDArray[np.bool_], color: RGB = MARK) -> NDArray[np.uint8]:
    """The picture in pale grey, and what differs in a colour that keeps some of its light and shade.

    pixels: (H, W, 3) uint8 RGB. differs: (H, W) bool. Returns (H, W, 3) uint8 RGB.
    """
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY).astype(np.float32)
    pale = 255 * _PALE + (1 - _PALE) * grey
    drawn = np.repeat(pale[..., None], 3, axis=2)
    drawn[differs] = 0.8 * np.array(color, np.float32) + 0.2 * grey[differs][:, None]
    return drawn.round().astype(np.uint8)
