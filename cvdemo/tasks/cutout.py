"""What a segmentation is good for: cut classes out, make them unrecognisable, put something else behind them.

Pure functions of a picture and an opacity; one class or several, "person" being all that belongs to people.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import Segmentation

Pixels = NDArray[np.uint8]
Alpha = NDArray[np.float32]
Hiding = Literal["blur", "pixelate"]
#: Classes of street scenes that are people; of clothes everything but the background is.
_PEOPLE = ("pedestrian", "cyclist", "person")


def person_classes(class_names: Collection[str]) -> tuple[int, ...]:
    """Ids of the classes that a person is made of; empty where a network knows none."""
    names = list(class_names)
    if "skin" in names:
        return tuple(i for i, name in enumerate(names) if name != "background")
    return tuple(i for i, name in enumerate(names) if name in _PEOPLE)


def opacity(result: Segmentation, class_ids: Collection[int], pixels: Pixels | None = None) -> Alpha:
    """(H, W) float32 from 0 to 1: how much each pixel belongs to the classes, with a soft edge.

    The classes' probabilities are added and enlarged, and those from 0.3 to 0.7 stretched to the edge's ramp. pixels:
    the picture, (H, W, 3); with it the edge follows the picture's own by a guided filter.
    """
    import cv2

    together = np.clip(result.probs[list(class_ids)].sum(axis=0), 0, 1)
    size_wh = result.size_hw[::-1]
    if pixels is not None:
        return _guided(pixels, np.ascontiguousarray(_ramp(together)))
    return _ramp(np.asarray(cv2.resize(together, size_wh, interpolation=cv2.INTER_LINEAR), np.float32))


def _ramp(probs: NDArray[np.float32]) -> Alpha:
    return np.clip((probs - 0.3) / 0.4, 0, 1).astype(np.float32)


def _guided(pixels: Pixels, alpha: Alpha, radius: int = 4, smooth: float = 1e-3) -> Alpha:
    """The fast guided filter (He and Sun, arXiv 1505.00996): the opacity as a local linear function of the picture's
    grey, fitted on the coarse grid of alpha and applied at full size. smooth: in grey squared, 0 to 1."""
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    coarse = cv2.resize(grey, alpha.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255

    def mean(plane: NDArray[Any]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(plane, (2 * radius + 1, 2 * radius + 1)), np.float32)

    grey_mean, alpha_mean = mean(coarse), mean(alpha)
    slope = (mean(coarse * alpha) - grey_mean * alpha_mean) / (mean(coarse * coarse) - grey_mean**2 + smooth)
    offset = alpha_mean - slope * grey_mean
    size_wh = grey.shape[::-1]
    fitted = np.asarray(cv2.resize(mean(slope), size_wh), np.float32)
    fitted *= grey.astype(np.float32) / 255
    fitted += cv2.resize(mean(offset), size_wh)
    return np.clip(fitted, 0, 1, out=fitted)


def cut_out(pixels: Pixels, alpha: Alpha) -> Pixels:
    """(H, W, 4) uint8 RGBA: the picture, see-through where alpha is 0. Nothing of the picture is left there, for any
    viewer can take the transparency away."""
    opaque = (alpha * 255).round().astype(np.uint8)
    return np.dstack([np.where(opaque[..., None] > 0, pixels, np.uint8(0)), opaque])


def hide(pixels: Pixels, alpha: Alpha, how: Hiding = "pixelate", strength: float = 0.03) -> Pixels:
    """The picture with what alpha covers made unrecognisable.

    strength: side of a square, or width of the blur, as a share of the longer side. Whatever is covered at all is
    hidden whole and a little beyond, so that no sharp rim gives it away.
    """
    import cv2

    height, width = alpha.shape
    size = max(2, round(strength * max(height, width)))
    grid = max(1, width // size), max(1, height // size)
    coarse = cv2.resize(pixels, grid, interpolation=cv2.INTER_AREA)
    if how == "pixelate":
        hidden = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)
    else:  # averaged first: a blur alone can be undone
        hidden = cv2.GaussianBlur(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), (0, 0), size / 2)
    rim = max(1, size // 3)
    covered = cv2.dilate((alpha > 0.1).astype(np.uint8), np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))
    return np.asarray(np.where(covered[..., None] > 0, hidden, pixels), np.uint8)


def on_background(pixels: Pixels, alpha: Alpha, background: Pixels | tuple[int, int, int]) -> Pixels:
    """What alpha covers in front of something else: a colour, or a picture, which is scaled to fill and cut to size."""
    back = np.empty_like(pixels)
    back[:] = background if isinstance(background, tuple) else _filling(background, alpha.shape)
    mixed = np.empty_like(pixels)
    for channel in range(3):  # one at a time: three float planes of a large picture are much memory
        plane = pixels[..., channel].astype(np.float32)
        behind = back[..., channel].astype(np.float32)
        mixed[..., channel] = (behind + (plane - behind) * alpha).round()
    return mixed


def blurred(pixels: Pixels, strength: float = 0.02) -> Pixels:
    """The picture out of focus. strength: width of the blur as a share of the longer side."""
    import cv2

    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(0.5, strength * max(pixels.shape[:2]))), np.uint8)


def _filling(picture: Pixels, size_hw: tuple[int, ...]) -> Pixels:
    import cv2

    (height, width), (h, w) = picture.shape[:2], size_hw
    scale = max(h / height, w / width)
    size_wh = max(w, round(width * scale)), max(h, round(height * scale))
    large = np.asarray(cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR))
    top, left = (large.shape[0] - h) // 2, (large.shape[1] - w) // 2
    return np.asarray(large[top : top + h, left : left + w], np.uint8)
