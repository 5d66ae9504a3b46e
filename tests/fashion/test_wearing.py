"""Pieces of clothing go to the garment network as it wants them: real garments in a made-up mask."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.fashion.networks import ShippedClassifier
from cvdemo.fashion.wearing import SAME, garments, pieces
from cvdemo.fashion_samples import fashion_samples
from cvdemo.imaging import image_from_pixels
from cvdemo.labels import CLOTHING, FASHION
from cvdemo.models.garment import prepare_garment
from cvdemo.registry import REGISTRY
from cvdemo.types import Image, Segmentation

NETWORK = ShippedClassifier(REGISTRY.get("fashion-net"))


def _scene(class_name: str, kind: str, number: int = 0) -> tuple[Image, Segmentation]:
    """A garment of the data set, dark on a light wall, and the mask that a segmentation would find."""
    samples = fashion_samples()
    garment = samples.images[np.flatnonzero(samples.labels == FASHION.index(kind))[number]]
    large = np.kron(garment, np.ones((8, 8), np.uint8))
    pixels = np.full((400, 300, 3), 235, np.uint8)
    pixels[80:304, 40:264] -= (large[..., None] * 0.8).astype(np.uint8)
    class_map = np.zeros((400, 300), np.uint8)
    class_map[80:304, 40:264][large > 8] = CLOTHING.index(class_name)
    probs = np.full((len(CLOTHING), 4, 3), 1 / len(CLOTHING), np.float32)
    return image_from_pixels(pixels), Segmentation(class_map, probs, (400, 300))


def test_most_trousers_and_boots_are_told_by_both() -> None:
    for class_name, kind in (("trousers", "trouser"), ("footwear", "ankle boot"), ("bag", "bag")):
        found = [pieces(*_scene(class_name, kind, number), CLOTHING, NETWORK) for number in range(6)]
        assert all(len(each) == 1 and each[0].name == class_name for each in found)
        assert sum(each[0].kind == kind and each[0].agrees is True for each in found) >= 4


def test_a_garment_is_cut_out_onto_what_it_stands_out_from() -> None:
    image, result = _scene("top", "shirt")
    (dark,) = garments(image_from_pixels(image.pixels // 2), result, CLOTHING)
    (light,) = garments(image_from_pixels(255 - image.pixels // 2), result, CLOTHING)
    own = result.class_map == CLOTHING.index("top")
    for garment, back in ((dark, 255), (light, 0)):
        left, top, right, bottom = garment.box
        border = np.concatenate([garment.plain.pixels[0], garment.plain.pixels[:, -1]])
        assert (border == back).all()
        assert own[top:bottom, left:right].sum() == pytest.approx(own.sum(), rel=0.1)
        assert prepare_garment(garment.plain).inverted == (back == 255)


def test_a_skirt_has_no_counterpart_and_a_wrong_kind_disagrees() -> None:
    assert pieces(*_scene("skirt", "trouser"), CLOTHING, NETWORK)[0].agrees is None
    assert pieces(*_scene("bag", "trouser"), CLOTHING, NETWORK)[0].agrees is False


def test_nothing_worn_or_too_small_is_no_piece() -> None:
    image, result = _scene("top", "shirt")
    empty = np.zeros(result.size_hw, np.uint8)
    speck = empty.copy()
    speck[5:8, 5:8] = CLOTHING.index("top")
    for class_map in (empty, speck):
        assert pieces(image, Segmentation(class_map, result.probs, result.size_hw), CLOTHING, NETWORK) == []


def test_every_class_and_kind_named_exists() -> None:
    assert set(SAME) <= set(CLOTHING)
    assert {kind for kinds in SAME.values() for kind in kinds} <= set(FASHION)
