"""What am I wearing? Pieces of clothing found by a segmentation, each shown to a garment network as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvdemo.fashion.networks import GarmentClassifier
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


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A piece of clothing. name: the segmentation's class. share: of the picture. box: left, top, right, bottom in
    pixels. crop: (h, w, 3) uint8, on white. seen: (28, 28) uint8, as the garment network sees it. kind, prob: its
    answer. agrees: whether both say the same; None where the garment network has no such kind."""

    name: str
    share: float
    box: tuple[int, int, int, int]
    crop: NDArray[np.uint8]
    seen: NDArray[np.uint8]
    kind: str
    prob: float
    agrees: bool | None


def pieces(image: Image, result: Segmentation, class_names: tuple[str, ...], network: GarmentClassifier) -> list[Piece]:
    """The largest piece of each class of clothing in the picture, the largest first. Raises WeightsError."""
    found = [
        piece
        for class_id, name in enumerate(class_names)
        if name in SAME and (piece := _piece(image, result.class_map == class_id, name, network)) is not None
    ]
    return sorted(found, key=lambda piece: -piece.share)


def _piece(image: Image, mask: NDArray[np.bool_], name: str, network: GarmentClassifier) -> Piece | None:
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
    crop = np.where(own[..., None], image.pixels[inside], np.uint8(255)).astype(np.uint8)
    seen = prepare_garment(image_from_pixels(np.ascontiguousarray(image.pixels[inside]), name), own).result
    probs = network.probabilities(seen[None])[0]
    best = int(probs.argmax())
    agrees = FASHION[best] in SAME[name] if SAME[name] else None
    box = (left, top, left + width, top + height)
    return Piece(name, area / mask.size, box, crop, seen, FASHION[best], float(probs[best]), agrees)
