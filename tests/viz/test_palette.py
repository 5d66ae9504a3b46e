"""The palette is told apart by colour-blind eyes, and text on it can be read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import deltaE_ciede2000, rgb2lab

from cvdemo.viz.palette import PALETTE, class_color, class_hex, contrast, text_color

# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def seen(vision: str) -> np.ndarray:
    """The palette in CIELAB as eyes of that kind see it."""
    srgb = np.array(PALETTE) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ np.array(VISION[vision]).T, 0, 1)
    return rgb2lab(np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_differ(vision: str) -> None:
    lab = seen(vision)
    apart = deltaE_ciede2000(lab[:, None], lab[None])
    np.fill_diagonal(apart, np.inf)
    assert apart[:8, :8].min() >= 10.5  # as far as the palette of Okabe and Ito itself
    assert apart[:13, :13].min() >= 8  # street scenes have 11 classes, clothing 13
    assert apart.min() >= 7


def test_a_class_has_one_colour() -> None:
    assert class_color(0) == class_color(20) == PALETTE[0]
    assert class_hex(0) == "#e69f00"
    assert [class_color(i) for i in range(20)] == list(PALETTE)
    assert len(set(PALETTE)) == len(PALETTE)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_text_can_be_read_on_any_colour(color: tuple[int, int, int]) -> None:
    assert contrast(text_color(color), color) >= 4.5


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
