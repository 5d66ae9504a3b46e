"""Cut-outs: what is chosen stays, what is hidden is gone, the rest is untouched."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.labels import CAMVID, CLOTHING
from cvdemo.tasks import cutout
from cvdemo.types import Segmentation

SIZE = (120, 160)
RIGHT = np.s_[:, 100:]
LEFT = np.s_[:, :60]


def _picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*SIZE, 3)).astype(np.uint8)


def _halves() -> Segmentation:
    """Class 0 on the left, class 1 on the right, on a grid of a quarter of the size."""
    probs = np.zeros((3, 30, 40), np.float32)
    probs[0, :, :20] = probs[1, :, 20:] = 0.96
    probs += 0.04 / 3
    class_map = np.zeros(SIZE, np.uint8)
    class_map[:, 80:] = 1
    return Segmentation(class_map, probs / probs.sum(0), SIZE)


@pytest.mark.parametrize("guided", [False, True])
def test_opacity_is_whole_inside_nothing_outside_and_soft_between(guided: bool) -> None:
    flat = np.full((*SIZE, 3), 90, np.uint8)
    flat[:, 80:] = 200
    alpha = cutout.opacity(_halves(), [1], flat if guided else None)
    assert alpha.shape == SIZE
    assert alpha.dtype == np.float32
    assert alpha[RIGHT].min() > 0.98
    assert alpha[LEFT].max() < 0.02
    assert ((alpha > 0.02) & (alpha < 0.98)).any()


def test_cut_out_keeps_the_pixels_of_what_it_shows() -> None:
    pixels = _picture()
    cut = cutout.cut_out(pixels, cutout.opacity(_halves(), [1]))
    shown = cut[..., 3] > 0
    np.testing.assert_array_equal(cut[shown][:, :3], pixels[shown])
    assert (cut[RIGHT][..., 3] == 255).all()
    assert (cut[LEFT][..., 3] == 0).all()


@pytest.mark.parametrize("how", ["blur", "pixelate"])
def test_hiding_leaves_no_detail_and_touches_nothing_else(how: cutout.Hiding) -> None:
    pixels = _picture()
    hidden = cutout.hide(pixels, cutout.opacity(_halves(), [1]), how, strength=0.1)
    np.testing.assert_array_equal(hidden[LEFT], pixels[LEFT])
    assert hidden[RIGHT].std() < 0.35 * pixels[RIGHT].std()


def test_background_is_replaced_by_colour_or_picture() -> None:
    pixels, alpha = _picture(), cutout.opacity(_halves(), [1])
    red = cutout.on_background(pixels, alpha, (255, 0, 0))
    assert (red[LEFT] == (255, 0, 0)).all()
    np.testing.assert_array_equal(red[RIGHT], pixels[RIGHT])
    other = np.full((7, 300, 3), 40, np.uint8)
    assert (cutout.on_background(pixels, alpha, other)[LEFT] == 40).all()
    assert cutout.blurred(pixels).std() < pixels.std() / 2


def test_a_person_is_all_that_people_wear_and_are() -> None:
    assert cutout.person_classes(CLOTHING) == tuple(range(1, len(CLOTHING)))
    assert [CAMVID[i] for i in cutout.person_classes(CAMVID)] == ["pedestrian", "cyclist"]
    assert cutout.person_classes(("sky", "road")) == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1)])
def test_pictures_of_one_pixel_width(size: tuple[int, int]) -> None:
    result = Segmentation(np.zeros(size, np.uint8), np.full((2, 1, 1), 0.5, np.float32), size)
    pixels = np.full((*size, 3), 9, np.uint8)
    alpha = cutout.opacity(result, [0], pixels)
    assert cutout.cut_out(pixels, alpha).shape == (*size, 4)
    assert cutout.hide(pixels, alpha, "blur").shape == cutout.hide(pixels, alpha).shape == pixels.shape
    assert cutout.on_background(pixels, alpha, pixels).shape == pixels.shape


def test_what_was_cut_away_is_gone_and_not_only_transparent() -> None:
    rgba = cutout.cut_out(_picture(), cutout.opacity(_halves(), [1]))
    gone = rgba[..., 3] == 0
    assert gone.any()
    assert (rgba[gone] == 0).all()
