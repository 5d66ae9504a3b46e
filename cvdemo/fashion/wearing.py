"""What am I wearing? Pieces of clothing found by a segmentation, each shown to a garment network as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvdemo.fashion.networks import GarmentClassifier
from cvdemo.fashion.verdict import judge
from cvdemo.imaging import image_from_pixels
from cvdemo.labels import FASHION
from cvdemo.models.garment import prepare_garment
from cvdemo.types import Image, Segmentation

#: Classes of the segmentation -> the kinds of Fashion-MNIST that would be the same thing; a skirt has none.
SAME = {
    "top": ("T-shirt/top", "pullover", "shirt"),
    "outerwear": ("coat", "pullover"),
    "dress": ("dress",),
    "trousers": ("trouser",),
    "skirt": (),
    "footwear": ("sandal", "sneaker", "ankle boot"),
    "bag": ("bag",),
}
#: A piece smaller than this share of the picture is too small to be told.
_LEAST_SHARE = 0.002
_LEAST_SIDE = 12
#: Plain background left around a piece, as a share of its longer side.
_MARGIN = 0.05
#: Mean level from which a garment is shown on black, as it would be lost on white.
_LIGHT = 128


@dataclass(frozen=True, slots=True, eq=False)
class Garment:
    """A piece of clothing in a picture. name: the segmentation's class. share: of the picture. box: left, top, right,
    bottom in pixels. plain: the piece alone on a plain background, white or black, whichever it stands out from."""

    name: str
    share: float
    box: tuple[int, int, int, int]
    plain: Image


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A garment and what the garment network makes of it. crop: (h, w, 3) uint8, on a plain background. seen: (28, 28)
    uint8, as the network sees it. kind, prob: its answer. agrees: whether both say the same; None where the garment
    network has no such kind. trusted: whether it looks like what the garment network was trained on."""

    name: str
    share: float
    box: tuple[int, int, int, int]
    crop: NDArray[np.uint8]
    seen: NDArray[np.uint8]
    kind: str
    prob: float
    agrees: bool | None
    trusted: bool


def garments(image: Image, result: Segmentation, class_names: tuple[str, ...]) -> list[Garment]:
    """The largest piece of each class of clothing in the picture, the largest first."""
    found = [
        garment
        for class_id, name in enumerate(class_names)
        if name in SAME and (garment := _largest(image, result.class_map == class_id, name)) is not None
    ]
    return sorted(found, key=lambda garment: -garment.share)


def pieces(image: Image, result: Segmentation, class_names: tuple[str, ...], network: GarmentClassifier) -> list[Piece]:
    """The garments of a picture, each shown to a garment network as well. Raises WeightsError."""
    return [_asked(garment, network) for garment in garments(image, result, class_names)]


def _largest(image: Image, mask: NDArray[np.bool_], name: str) -> Garment | None:
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if len(stats) < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    left, top, width, height, area = (int(v) for v in stats[largest])
    if area < _LEAST_SHARE * mask.size or min(width, height) < _LEAST_SIDE:
        return None
    inside = np.s_[top : top + height, left : left + width]
    own = labels[inside] == largest
    return Garment(
        name, area / mask.size, (left, top, left + width, top + height), _on_plain(image.pixels[inside], own, name)
    )


def _on_plain(pixels: NDArray[np.uint8], own: NDArray[np.bool_], name: str) -> Image:
    """The pixels that are the garment's own, with a margin, on the plain background they stand out from."""
    margin = max(2, round(_MARGIN * max(own.shape)))
    back = np.uint8(255 if pixels[own].mean() < _LIGHT else 0)
    cut = np.where(own[..., None], pixels, back)
    framed = np.pad(cut, ((margin, margin), (margin, margin), (0, 0)), constant_values=back)
    return image_from_pixels(np.ascontiguousarray(framed, np.uint8), name)


def _asked(garment: Garment, network: GarmentClassifier) -> Piece:
    steps = prepare_garment(garment.plain)
    seen, trusted = steps.result, judge(garment.plain, steps).trusted
    probs = network.probabilities(seen[None])[0]
    best = int(probs.argmax())
    agrees = FASHION[best] in SAME[garment.name] if SAME[garment.name] else None
    of = (garment.name, garment.share, garment.box, garment.plain.pixels)
    return Piece(*of, seen, FASHION[best], float(probs[best]), agrees, trusted)
