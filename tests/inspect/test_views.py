"""Whole-layer views against their definitions: norms, principal components, clusters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cvdemo.inspect.views import Colours, clusters, components, summary

RNG = np.random.default_rng(3)


def test_summaries() -> None:
    maps = np.array([[[3, -1]], [[4, -2]]], np.float32)
    assert summary(maps, "mean").tolist() == [[3.5, -1.5]]
    assert summary(maps, "max").tolist() == [[4, -1]]
    np.testing.assert_allclose(summary(maps, "norm"), [[5, np.sqrt(5)]], rtol=1e-6)
    assert summary(np.full((64, 2, 2), 300, np.float16), "norm").max() == pytest.approx(2400)


@pytest.mark.parametrize("shape", [(5, 12, 9), (40, 3, 4), (3, 80, 70)])
def test_components_are_those_of_the_singular_value_decomposition(shape: tuple[int, int, int]) -> None:
    maps = (RNG.normal(size=shape) * np.arange(1, shape[0] + 1)[:, None, None]).astype(np.float32)
    found = components(maps)
    cells = maps.reshape(shape[0], -1).T.astype(np.float64)
    centred = cells - cells.mean(axis=0)
    if len(cells) > 4096:  # the directions come of every other cell
        centred = centred[::2]
    _, values, vectors = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(np.abs(found.loadings @ vectors[:3].T), np.eye(3), atol=1e-3)
    np.testing.assert_allclose(found.explained, (values**2 / (values**2).sum())[:3], rtol=1e-3)
    scores = (cells - cells.mean(axis=0)) @ found.loadings.T
    np.testing.assert_allclose(found.scores.reshape(3, -1), scores.T, atol=1e-3)


def test_signs_do_not_depend_on_the_order_of_the_cells() -> None:
    maps = RNG.normal(size=(6, 8, 8)).astype(np.float32) * np.array([9, 5, 3, 1, 1, 1], np.float32)[:, None, None]
    turned = components(maps[:, ::-1, ::-1].copy())
    np.testing.assert_allclose(components(maps).loadings, turned.loadings, atol=1e-4)
    assert (turned.loadings[np.arange(3), np.abs(turned.loadings).argmax(axis=1)] > 0).all()


@pytest.mark.parametrize(
    "maps", [np.zeros((4, 3, 3), np.float32), np.ones((1, 2, 2), np.float32), np.ones((9, 1, 1), np.float32)]
)
def test_a_layer_that_says_nothing_is_grey(maps: NDArray[np.float32]) -> None:
    found = components(maps)
    assert np.isfinite(found.scores).all()
    assert np.isfinite(found.explained).all()
    rgb = found.rgb()
    assert rgb.shape == (*maps.shape[1:], 3)
    assert np.unique(rgb).tolist() == [128]


def test_colours_tell_two_halves_apart() -> None:
    maps = np.zeros((5, 6, 8), np.float32)
    maps[1, :, 4:] = 3
    rgb = components(maps).rgb().astype(int)
    assert np.unique(rgb[:, :4].reshape(-1, 3), axis=0).shape[0] == 1
    assert np.abs(rgb[0, 0] - rgb[0, 7]).max() == 255


def test_clusters_find_what_differs_and_number_it_by_strength() -> None:
    maps = np.zeros((3, 9, 9), np.float32)
    maps[0, :3] = 1
    maps[1, 3:6] = 5
    maps += RNG.normal(size=maps.shape).astype(np.float32) * 0.01
    labels = clusters(maps, 3)
    assert labels.dtype == np.uint8
    assert [np.unique(labels[rows]).tolist() for rows in (slice(6, 9), slice(3), slice(3, 6))] == [[0], [1], [2]]
    np.testing.assert_array_equal(labels, clusters(maps, 3))


def test_clusters_are_fewer_where_cells_are_alike() -> None:
    assert np.unique(clusters(np.ones((4, 5, 5), np.float32), 6)).tolist() == [0]
    two = np.ones((4, 5, 5), np.float32)
    two[:, 2:] = 3
    assert np.unique(clusters(two, 6)).tolist() == [0, 1]


def test_colours_of_a_layer_stay_the_same_for_its_other_maps() -> None:
    maps = np.random.default_rng(3).normal(size=(6, 20, 30)).astype(np.float32)
    colours = Colours.of(maps)
    difference = colours.paint(maps).astype(int) - components(maps).rgb()
    assert np.abs(difference).max() <= 1
    np.testing.assert_array_equal(colours.paint(maps[:, :5]), colours.paint(maps)[:5])
    flat = np.zeros((2, 4, 4), np.float32)
    assert (Colours.of(flat).paint(flat) == 128).all()
