"""Addresses, file names, notices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cvdemo.imaging import image_from_pixels
from cvdemo.registry import REGISTRY
from cvdemo.types import Image, Segmentation
from cvdemo.ui import address, downloads, explanations, notices
from cvdemo.ui.result_view import ViewSettings


@pytest.mark.parametrize(
    ("text", "value"), [("0.4", 0.4), ("7", 0.95), ("-1", 0.05), ("nan", None), ("inf", 0.95), ("", None), ("x", None)]
)
def test_number_from_an_address_is_in_range_or_nothing(text: str, value: float | None) -> None:
    assert address.number(text, 0.05, 0.95) == value


@pytest.mark.parametrize(
    ("name", "stem"),
    [("IMG 0042.HEIC", "img-0042"), ("../../etc/passwd", "passwd"), ("", "picture"), ("??.png", "picture")],
)
def test_file_stem_is_safe(name: str, stem: str) -> None:
    assert downloads.file_stem(name) == stem


def test_notice_shows_markdown_as_it_is_written() -> None:
    assert notices.literal("my_*file*.png") == r"my\_\*file\*\.png"


def test_every_family_explains_itself_in_four_sentences(bus: Image) -> None:
    for spec in REGISTRY:
        sentences = explanations.sentences(spec, bus)
        assert len(sentences) == 4, spec.name
        assert all(text.endswith(".") and "{" not in text for text in sentences)


def test_the_explanation_knows_what_the_network_learnt_and_whether_the_picture_was_tiled(bus: Image) -> None:
    street, clothes = REGISTRY.get("unet-street"), REGISTRY.get("unet-clothing")
    assert "street scenes only" in explanations.sentences(street, bus)[3]
    assert "people in the street only" in explanations.sentences(clothes, bus)[3]
    assert "tiles" not in explanations.sentences(street, bus)[0]
    large = image_from_pixels(np.zeros((40, 1600, 3), np.uint8))
    assert "overlapping tiles" in explanations.sentences(street, large)[0]


def test_a_mask_is_downloaded_as_it_is_painted() -> None:
    class_map = np.zeros((60, 80), np.uint8)
    class_map[:, 40:] = 1
    probs = np.stack([np.where(class_map == 0, 0.9, 0.1), np.where(class_map == 0, 0.1, 0.9)]).astype(np.float32)
    answer, grey = Segmentation(class_map, probs, (60, 80)), np.full((60, 80, 3), 128, np.uint8)
    image, usual = image_from_pixels(grey), ViewSettings(score=0.0)

    def touched(
        settings: ViewSettings, selected: int | None = None, names: tuple[str, ...] = ("road", "car")
    ) -> np.ndarray:
        return (downloads._mask(names, image, answer, settings, selected) != grey).any(-1)

    assert touched(usual).all()
    assert 0 < touched(replace(usual, paint="contour")).mean() < 0.1
    assert touched(replace(usual, paint="doubt")).all()
    alone = touched(usual, selected=1)
    assert alone[:, 45:].all()
    assert not alone[:, :35].any()
    before = touched(usual, names=("background", "top"))
    assert before[:, 45:].all()
    assert not before[:, :35].any()
