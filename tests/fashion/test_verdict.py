"""Bad pictures get a sentence or a warning, never a bare confident answer."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from cvdemo.fashion.verdict import Verdict, judge
from cvdemo.fashion_samples import fashion_samples
from cvdemo.imaging import image_from_pixels
from cvdemo.models.garment import prepare_garment
from cvdemo.samples import available_samples, load_sample
from cvdemo.types import Image


def judged(picture: Image | NDArray[np.uint8]) -> Verdict:
    image = picture if isinstance(picture, Image) else image_from_pixels(picture, "picture")
    return judge(image, prepare_garment(image))


@pytest.mark.parametrize("level", [0, 255, 128])
@pytest.mark.parametrize("size_hw", [(28, 28), (280, 280), (3000, 4000), (40, 3000)])
def test_a_picture_of_one_colour_is_not_answered(level: int, size_hw: tuple[int, int]) -> None:
    verdict = judged(np.full((*size_hw, 3), level, np.uint8))
    assert not verdict.answerable
    assert "Nothing stands out" in verdict.warnings[0]


@pytest.mark.parametrize("size_hw", [(1, 1), (1, 500), (4, 4), (7, 100)])
def test_a_picture_of_next_to_no_pixels_is_not_answered(size_hw: tuple[int, int]) -> None:
    verdict = judged(np.random.default_rng(0).integers(0, 256, (*size_hw, 3), np.uint8))
    assert not verdict.answerable
    assert f"{size_hw[1]} × {size_hw[0]}" in verdict.warnings[0]


def test_photos_without_a_garment_laid_out_are_warned_about() -> None:
    trusted = [sample.name for sample in available_samples() if judged(load_sample(sample.name)).trusted]
    assert trusted == []


def test_a_large_photo_of_noise_is_warned_about() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3000, 4000, 3), np.uint8)
    assert not judged(pixels).trusted


def test_most_test_images_are_trusted_as_they_are() -> None:
    images = fashion_samples().images[::5]
    trusted = [judged(image).trusted for image in images]
    assert np.mean(trusted) > 0.9


def test_most_garments_photographed_dark_on_a_light_table_are_trusted() -> None:
    trusted = []
    rng = np.random.default_rng(0)
    for garment in fashion_samples().images[::10]:
        large = cv2.resize(garment, (420, 420), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        table = np.full((700, 800), 225.0) + rng.normal(0, 2, (700, 800))
        table[140:560, 190:610] -= 0.75 * large
        trusted.append(judged(np.repeat(table.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)).trusted)
    assert np.mean(trusted) > 0.8


def test_a_garment_that_fills_the_picture_is_warned_about() -> None:
    pixels = np.random.default_rng(0).integers(90, 160, (400, 400, 3)).astype(np.uint8)
    pixels[:200] //= 2
    verdict = judged(pixels)
    assert not verdict.trusted


def test_without_a_recorded_check_every_answer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cvdemo.fashion.familiarity.load", lambda: None)
    verdict = judged(fashion_samples().images[0])
    assert verdict.answerable
    assert "could not be checked" in verdict.warnings[0]
