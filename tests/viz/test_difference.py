"""Differences are coloured, the rest is grey."""

from __future__ import annotations

import numpy as np

from cvdemo.viz.difference import MARK, draw_difference


def test_only_what_differs_has_colour() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    before = pixels.copy()
    differs = np.zeros((20, 30), bool)
    differs[5:10, 5:20] = True
    drawn = draw_difference(pixels, differs)
    assert (np.ptp(drawn[~differs].astype(int), axis=1) == 0).all()
    assert np.abs(drawn[differs].astype(int) - MARK).max() <= 51
    np.testing.assert_array_equal(pixels, before)
