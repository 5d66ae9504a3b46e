"""Cells of feature maps and the pixels they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.inspect.crop import area_of, content_of, crop_of
from cvdemo.types import Letterbox

WHOLE = (0, 0, 512, 512)
#: A picture of 1000 x 500 scaled by 0.512 into 512 x 512, with 128 rows of padding above and below.
WIDE = Letterbox((500, 1000), (512, 512), (0.512, 0.512), (0.0, 128.0))


def test_padding_is_cut_off() -> None:
    crop = crop_of((3, 16, 16), WIDE, WHOLE)
    assert (crop.rows, crop.columns) == ((4, 12), (0, 16))
    assert crop.area == pytest.approx((0, 0, 1000, 500))
    assert crop.cut(np.zeros((3, 16, 16))).shape == (3, 8, 16)


def test_a_cell_that_is_half_padding_stays_and_reaches_over_the_edge() -> None:
    crop = crop_of((3, 6, 6), WIDE, WHOLE)
    assert crop.rows == (1, 5)
    assert crop.area[1] < 0 < 500 < crop.area[3]


def test_a_crop_of_the_picture_is_placed_on_it() -> None:
    box = Letterbox((1000, 1000), (256, 256), (0.5, 0.5), (-100.0, -50.0))
    assert area_of(box) == pytest.approx((200, 100, 712, 612))
    assert crop_of((1, 8, 8), box, (0, 0, 256, 256)).area == pytest.approx((200, 100, 712, 612))


def test_black_around_a_person_is_not_content() -> None:
    inputs = np.zeros((3, 256, 256), np.float32)
    inputs[1, :, 60:190] = 5
    assert content_of(inputs) == (0, 60, 256, 190)
    assert content_of(np.zeros((3, 8, 8), np.float32)) == (0, 0, 8, 8)


def test_a_single_cell_is_never_cut_to_nothing() -> None:
    assert crop_of((1, 1, 1), WIDE, WHOLE).cut(np.zeros((1, 1, 1))).size == 1
