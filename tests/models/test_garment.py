"""Preparation of garment photos, checked on photos made from test images whose preparation is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from cvdemo.fashion_samples import fashion_samples
from cvdemo.imaging import image_from_pixels
from cvdemo.models.garment import GarmentSteps, prepare_garment

FIRST = [0, 100, 300, 500, 700, 800, 900]


def _photo(garment: np.ndarray, paper: float = 235.0, contrast: float = -0.85, noise: float = 2.0) -> np.ndarray:
    """(420, 360, 3) uint8: a garment ten times enlarged, off the middle of a plain background."""
    big = cv2.resize(garment, (280, 280), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    scene = np.zeros((420, 360), np.float32)
    scene[100:380, 30:310] = big
    grain = np.random.default_rng(0).normal(0, noise, scene.shape)
    grey = (paper + contrast * scene + grain).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _steps(pixels: np.ndarray) -> GarmentSteps:
    return prepare_garment(image_from_pixels(pixels, "garment"))


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize("index", FIRST)
@pytest.mark.parametrize(("paper", "contrast"), [(235, -0.85), (20, 0.85), (170, -0.65), (90, 0.6)])
def test_a_photo_of_a_test_image_gives_about_that_image(index: int, paper: float, contrast: float) -> None:
    garment = fashion_samples().images[index]
    steps = _steps(_photo(garment, paper, contrast))
    assert steps.found
    assert steps.inverted == (contrast < 0)
    assert _apart(steps.result, garment) < 30
    assert np.corrcoef(steps.result.ravel(), garment.ravel())[0, 1] > 0.8


@pytest.mark.parametrize("index", FIRST)
def test_the_negative_of_a_photo_gives_the_same(index: int) -> None:
    photo = _photo(fashion_samples().images[index])
    one, other = _steps(photo), _steps(255 - photo)
    assert one.inverted != other.inverted
    assert _apart(one.result, other.result) < 2


def test_size_and_place_do_not_matter() -> None:
    photo = _photo(fashion_samples().images[700], noise=0)
    moved = np.roll(photo, (-40, 20), axis=(0, 1))
    larger = cv2.resize(photo, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    reference = _steps(photo).result
    assert _apart(_steps(moved).result, reference) < 6
    assert _apart(_steps(larger).result, reference) < 6


def test_a_coloured_garment_as_grey_as_its_background_is_found() -> None:
    photo = np.full((200, 200, 3), 120, np.uint8)
    photo[60:140, 80:120] = (200, 90, 60)
    steps = _steps(photo)
    assert steps.found
    assert steps.crop.shape == pytest.approx((80, 40), abs=4)


@pytest.mark.parametrize("index", FIRST)
def test_a_test_image_stays_as_it_is(index: int) -> None:
    garment = fashion_samples().images[index]
    rgb = np.repeat(garment[..., None], 3, axis=2)
    np.testing.assert_array_equal(_steps(rgb).result, garment)
    np.testing.assert_array_equal(_steps(255 - rgb).result, garment)


@pytest.mark.parametrize("level", [0, 127, 255])
@pytest.mark.parametrize("size_hw", [(1, 1), (1, 400), (400, 1), (300, 200)])
def test_an_empty_picture_is_said_to_be_empty(level: int, size_hw: tuple[int, int]) -> None:
    steps = _steps(np.full((*size_hw, 3), level, np.uint8))
    assert not steps.found
    assert steps.result.shape == (28, 28)
    assert not steps.result.any()


def test_an_empty_picture_of_28x28_is_said_to_be_empty_too() -> None:
    assert not _steps(np.full((28, 28, 3), 90, np.uint8)).found


@pytest.mark.parametrize("size_hw", [(1, 1), (2, 3), (5, 900), (28, 29), (640, 480)])
def test_noise_is_no_crash(size_hw: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*size_hw, 3), np.uint8)
    steps = _steps(pixels)
    assert steps.result.shape == (28, 28)
    assert all(picture.dtype == np.uint8 and picture.ndim == 2 for _, picture in steps.pictures())


def test_the_garment_fills_the_longer_side_and_stands_in_the_middle() -> None:
    photo = np.full((300, 300, 3), 250, np.uint8)
    photo[50:250, 20:100] = 30
    result = _steps(photo).result
    rows, columns = np.flatnonzero(result.any(1)), np.flatnonzero(result.any(0))
    assert (rows[0], rows[-1]) == (0, 27)
    assert columns[0] == pytest.approx(27 - columns[-1], abs=1)
    assert len(columns) == pytest.approx(28 * 80 / 200, abs=1)


def test_the_letterbox_tells_where_the_garment_was() -> None:
    photo = np.full((600, 500, 3), 250, np.uint8)
    photo[100:500, 50:250] = 30
    box = _steps(photo).letterbox
    corners = np.array([[50, 100], [250, 500]], np.float32)
    np.testing.assert_allclose(box.to_input(corners), [[7, 0], [21, 28]], atol=0.6)


def test_a_given_mask_decides_what_the_garment_is() -> None:
    photo = np.full((200, 200, 3), 240, np.uint8)
    photo[20:60, 20:60] = 30
    photo[100:180, 100:180] = 30
    mask = np.zeros((200, 200), bool)
    mask[100:180, 100:180] = True
    steps = prepare_garment(image_from_pixels(photo, "two things"), mask)
    assert steps.crop.shape == (80, 80)
    assert steps.result.min() > 200
