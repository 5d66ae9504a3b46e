"""Statistics against numpy's definition, orders that are orders, peaks that are peaks, kernels as they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from torch import nn

from cvdemo.errors import UsageError
from cvdemo.inspect.channels import (
    channel_order,
    channel_stats,
    exciting_cells,
    kernels_of,
    similarity_to,
)
from cvdemo.inspect.tree import layer_tree

Maps = NDArray[np.float32]
MAPS = arrays(
    np.float32, st.tuples(st.integers(1, 9), st.integers(1, 6), st.integers(2, 6)), elements=st.floats(-4, 4, width=32)
)


@given(MAPS)
def test_statistics_are_numpys(maps: Maps) -> None:
    stats = channel_stats(maps)
    np.testing.assert_allclose(stats.mean, maps.mean(axis=(1, 2)), atol=1e-5)
    np.testing.assert_allclose(stats.variance, maps.var(axis=(1, 2)), atol=1e-4)
    np.testing.assert_array_equal(stats.maximum, maps.max(axis=(1, 2)))
    constant = np.array([len(np.unique(channel)) == 1 for channel in maps])
    assert stats.dead[constant].all()


@given(MAPS, st.sampled_from(["index", "mean", "max", "variance", "similarity"]))
def test_every_order_names_every_channel_once(maps: Maps, sort: str) -> None:
    order = channel_order(maps, sort, channel=len(maps) - 1)  # type: ignore[arg-type]
    assert sorted(order) == list(range(len(maps)))


def test_orders_put_the_largest_first() -> None:
    maps = np.zeros((3, 2, 2), np.float32)
    maps[0] = [[0, 9], [0, 0]]
    maps[1] = 4
    maps[2] = [[5, 5], [5, 4]]
    assert channel_order(maps, "index") == (0, 1, 2)
    assert channel_order(maps, "mean") == (2, 1, 0)
    assert channel_order(maps, "max") == (0, 2, 1)
    assert channel_order(maps, "variance") == (0, 2, 1)
    assert channel_order(maps, "similarity", channel=1) == (1, 2, 0)


def test_similarity_is_the_cosine_and_knows_opposites_and_silence() -> None:
    maps = np.array([[[1, 2]], [[2, 4]], [[-1, -2]], [[0, 0]], [[2, -1]]], np.float32)
    np.testing.assert_allclose(similarity_to(maps, 0), [1, 1, -1, 0, 0], atol=1e-6)
    with pytest.raises(UsageError, match="channels 0 to 4"):
        similarity_to(maps, 5)


def test_half_precision_does_not_overflow() -> None:
    maps = np.full((2, 100, 100), 200, np.float16)
    assert channel_stats(maps).mean.tolist() == [200, 200]
    np.testing.assert_allclose(similarity_to(maps, 0), 1, atol=1e-5)


def test_exciting_cells_are_the_largest_and_lie_apart() -> None:
    channel = np.zeros((6, 8), np.float32)
    channel[1, 1], channel[1, 2], channel[4, 6], channel[5, 0] = 9, 8, 7, 1
    found = exciting_cells(channel, 3)
    assert [(peak.row, peak.column, peak.value) for peak in found] == [(1, 1, 9), (4, 6, 7), (5, 0, 1)]
    assert [(peak.row, peak.column) for peak in exciting_cells(channel, 2, apart=0)] == [(1, 1), (1, 2)]
    assert len(exciting_cells(channel, 1000)) <= 48


def test_exciting_cells_carry_the_box_they_see() -> None:
    module = nn.Sequential(nn.Conv2d(3, 2, 3, stride=2))
    field = layer_tree(module, torch.zeros(1, 3, 9, 9)).find("0").field
    channel = np.zeros((4, 4), np.float32)
    channel[1, 3] = 1
    assert exciting_cells(channel, 1, field)[0].box == (6, 2, 9, 5)


def test_kernels_of_a_first_layer_are_colour_images() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Conv2d(4, 4, 3, groups=4))
    with torch.no_grad():
        module[0].weight.zero_()
        module[0].weight[1, 0, 2, 2] = 0.5
        module[0].weight[1, 2, 0, 0] = -0.25
    kernels = kernels_of(module, "0")
    assert kernels is not None
    np.testing.assert_array_equal(kernels.weights, module[0].weight.detach().numpy())
    colours = kernels.colour_images()
    assert colours is not None
    assert colours.shape == (4, 5, 5, 3)
    assert (colours[0] == 128).all()
    assert colours[1, 2, 2].tolist() == [255, 128, 128]
    assert colours[1, 0, 0].tolist() == [128, 128, 64]
    depthwise = kernels_of(module, "2")
    assert depthwise is not None
    assert depthwise.groups == 4
    assert depthwise.colour_images() is None
    assert kernels_of(module, "1") is None
    with pytest.raises(UsageError, match="no layer '7'"):
        kernels_of(module, "7")
