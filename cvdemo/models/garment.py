"""From a photo of a garment to what the garment networks were trained on: 28x28, light on black, centred."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import Image, Letterbox

SIDE = 28
#: Steps work on a picture of at most this side: enough for 28x28, and quick for a photo of any size.
_WORKING_SIDE = 280
#: Fewest levels of difference from the background that count as garment.
_LEAST_DIFFERENCE = 12.0
#: Specks smaller than this share of the largest piece are not garment.
_SPECK = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class GarmentSteps:
    """What was done to a picture, as small pictures to show.

    grey: (h, w) uint8. mask: (h, w) uint8, 255 where the garment is. light: (h, w) uint8, the garment light on black.
    crop: (a, b) uint8, light cut to the garment's bounding box. result: (28, 28) uint8, what the network sees.
    letterbox: where the picture lies in result (its parts outside of the bounding box lie beyond the edges).
    inverted: whether the garment was darker than its background. found: False when nothing stood out from the
    background, so that result shows the whole picture.
    """

    grey: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    light: NDArray[np.uint8]
    crop: NDArray[np.uint8]
    result: NDArray[np.uint8]
    letterbox: Letterbox
    inverted: bool
    found: bool

    def pictures(self) -> list[tuple[str, NDArray[np.uint8]]]:
        """The steps in order, each with a short caption."""
        return [
            ("In grey", self.grey),
            ("Told from the background", self.mask),
            ("Light on black", self.light),
            ("Cut out", self.crop),
            ("28 x 28, as the network sees it", self.result),
        ]


def prepare_garment(image: Image, mask: NDArray[np.bool_] | None = None) -> GarmentSteps:
    """Make a picture look like Fashion-MNIST, by the rules that its authors give (Xiao et al., 2017, section 2).

    mask: (H, W) bool, where the garment is, if that is known; otherwise it is what differs from the median colour of
    the picture's border, so a plain background is needed. A picture of 28x28 is taken as it is, only inverted
    when its border is light.
    """
    if image.size_hw == (SIDE, SIDE) and mask is None:
        return _as_it_is(image)
    pixels, known = _shrunk(image.pixels, mask)
    grey = _grey(pixels)
    background = np.median(_border(pixels).astype(np.float32), axis=0)
    garment = _told_apart(pixels, background) if known is None else known
    found = bool(garment.any())
    if not found:
        garment = np.ones(grey.shape, bool)
    level = float(np.median(_border(grey[..., None])))
    inverted = float(grey[garment].mean()) < level if found else level > 127
    light = _lightened(grey, garment, level, inverted) if found else np.zeros_like(grey)
    rows, columns = (np.flatnonzero(garment.any(axis)) for axis in (1, 0))
    crop = light[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    result, (top, left), (zoom_y, zoom_x) = _centred(crop)
    height, width = image.size_hw
    scale_xy = (zoom_x * grey.shape[1] / width, zoom_y * grey.shape[0] / height)
    box = Letterbox(image.size_hw, (SIDE, SIDE), scale_xy, (left - columns[0] * zoom_x, top - rows[0] * zoom_y))
    return GarmentSteps(grey, _as_mask(garment), light, crop, result, box, inverted, found)


def _as_it_is(image: Image) -> GarmentSteps:
    grey = _grey(image.pixels)
    inverted = bool(np.median(_border(grey[..., None])) > 127)
    light = 255 - grey if inverted else grey
    found = int(light.max()) - int(light.min()) > _LEAST_DIFFERENCE
    box = Letterbox(image.size_hw, image.size_hw, (1.0, 1.0), (0.0, 0.0))
    return GarmentSteps(grey, _as_mask(light > 0), light, light, light, box, inverted, found)


def _as_mask(garment: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.where(garment, 255, 0).astype(np.uint8)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8)


def _shrunk(
    pixels: NDArray[np.uint8], mask: NDArray[np.bool_] | None
) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
    """The picture, and its mask, at the working size."""
    import cv2

    height, width = pixels.shape[:2]
    scale = min(1.0, _WORKING_SIDE / max(height, width))
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, size_wh, interpolation=cv2.INTER_AREA).astype(np.uint8)
    if mask is None:
        return small, None
    shares = cv2.resize(mask.astype(np.float32), size_wh, interpolation=cv2.INTER_AREA)
    return small, shares >= 0.5


def _border(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, C) the outermost pixels of an (h, w, C) picture, two deep where it is large enough."""
    depth = 2 if min(pixels.shape[:2]) > 8 else 1
    edges = (pixels[:depth], pixels[-depth:], pixels[:, :depth], pixels[:, -depth:])
    return np.concatenate([edge.reshape(-1, pixels.shape[2]) for edge in edges])


def _told_apart(pixels: NDArray[np.uint8], background: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(h, w) bool: what differs from the background colour by more than Otsu's threshold, without specks."""
    import cv2

    smooth = cv2.GaussianBlur(pixels, (3, 3), 0).astype(np.float32)
    difference = np.abs(smooth - background).max(axis=2)
    scaled = difference.clip(0, 255).astype(np.uint8)
    otsu, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    # Otsu parts the bright half of a garment from its dark half when both are far from the background.
    threshold = max(_LEAST_DIFFERENCE, min(otsu / 2, 40.0))
    return _without_specks(difference > threshold)


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    import cv2

    _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    keep = areas >= max(_SPECK * areas.max(), 4)
    keep[0] = False
    return keep[pieces]


def _lightened(grey: NDArray[np.uint8], garment: NDArray[np.bool_], level: float, inverted: bool) -> NDArray[np.uint8]:
    """The garment's distance from the background's grey level, stretched to 255, on black."""
    distance = level - grey.astype(np.float32) if inverted else grey.astype(np.float32) - level
    inside = distance[garment]
    top = max(float(np.percentile(inside, 99)), 1.0)
    return np.where(garment, (distance / top * 255).clip(0, 255), 0).astype(np.uint8)


def _centred(crop: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[int, int], tuple[float, float]]:
    """The garment with its longer side at 28 pixels, averaged down, in the middle of a black square.

    Returns (28, 28) uint8, its top and left edge there, and the vertical and horizontal scale.
    """
    import cv2

    height, width = crop.shape
    scale = SIDE / max(height, width)
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    small = cv2.resize(crop, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (SIDE - h + 1) // 2, (SIDE - w + 1) // 2  # the data set has the odd row on top, the odd column left
    square[top : top + h, left : left + w] = small
    return square, (top, left), (h / height, w / width)
