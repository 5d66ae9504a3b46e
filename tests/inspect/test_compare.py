"""Comparisons against numpy's own correlation and against what must come out for maps that are known to be alike."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.inspect import compare
from cvdemo.inspect.crop import Crop


def crop(rows: tuple[int, int], columns: tuple[int, int], area: tuple[float, float, float, float]) -> Crop:
    return Crop(rows=rows, columns=columns, area=area)


@pytest.fixture
def maps() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(12, 9, 7)).astype(np.float32)


def test_correlations_are_those_of_numpy_and_undefined_for_a_dead_channel(maps: np.ndarray) -> None:
    other = np.random.default_rng(1).normal(size=maps.shape) + 0.4 * maps
    other[3] = 2.0
    found = compare.correlations(maps, other)
    assert np.isnan(found[3])
    for channel in (0, 5, 11):
        expected = np.corrcoef(maps[channel].ravel(), other[channel].ravel())[0, 1]
        assert found[channel] == pytest.approx(expected, abs=1e-5)


def test_partners_find_shuffled_channels_again(maps: np.ndarray) -> None:
    order = np.random.default_rng(2).permutation(12)
    best, alike = compare.partners(maps, 3 * maps[order] + 1)
    np.testing.assert_array_equal(order[best], np.arange(12))
    np.testing.assert_allclose(alike, 1, atol=1e-5)


def test_shift_is_the_difference_of_means_in_deviations(maps: np.ndarray) -> None:
    moved = maps.copy()
    moved[4] += 2 * maps[4].std()
    found = compare.shifts(maps, moved)
    assert found[4] == pytest.approx(2, abs=1e-3)
    np.testing.assert_allclose(np.delete(found, 4), 0, atol=1e-6)
    assert np.isfinite(compare.shifts(np.zeros_like(maps), np.zeros_like(maps))).all()


def test_the_same_cell_has_the_same_colour_and_group_on_both_sides(maps: np.ndarray) -> None:
    part = maps[:, 2:6, 1:5]
    whole, cut = compare.colours(maps, part)
    np.testing.assert_array_equal(whole[2:6, 1:5], cut)
    first, second = compare.groups(maps, part, 3)
    np.testing.assert_array_equal(first[2:6, 1:5], second)
    assert first.shape == maps.shape[1:]


def test_common_cells_are_on_both_pictures() -> None:
    wide, tall = crop((3, 7), (0, 10), (0, 0, 100, 40)), crop((0, 10), (2, 8), (0, 0, 60, 100))
    assert compare.common_cells(wide, tall) == (slice(3, 7), slice(2, 8))
    assert compare.common_cells(wide, crop((7, 9), (0, 9), (0, 0, 1, 1))) is None


def test_averages_on_a_common_grid_keep_a_linear_ramp() -> None:
    """The average of a linear function over a cell is its value in the middle, whatever the cells were before."""
    x = np.arange(16) * 10 + 5.0
    fine = np.broadcast_to(x, (1, 16, 16))
    first, second = crop((0, 16), (0, 16), (0, 0, 160, 160)), crop((0, 5), (0, 5), (40, 40, 140, 140))
    grid = compare.common_grid(first, second)
    assert grid is not None
    assert (grid.shape, grid.area) == ((5, 5), (40, 40, 140, 140))
    np.testing.assert_allclose(compare.on_grid(fine, first.area, grid)[0, 0], [50, 70, 90, 110, 130], rtol=1e-5)
    assert compare.common_grid(first, crop((0, 2), (0, 2), (200, 0, 300, 100))) is None


def test_likeness_ignores_rotation_and_scale_but_not_content(maps: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    rotation, _ = np.linalg.qr(rng.normal(size=(12, 12)))
    rotated = np.einsum("dc,chw->dhw", 5 * rotation, maps)
    assert compare.likeness(maps, rotated) == pytest.approx(1, abs=1e-5)
    # The plain estimate would say 0.8 here, for 400 channels on 63 cells.
    strangers = [compare.likeness(maps, rng.normal(size=(400, 9, 7))) for _ in range(5)]
    assert abs(np.mean(strangers)) < 0.1
    assert np.isnan(compare.likeness(maps[:, :1, :3], maps[:, :1, :3]))
