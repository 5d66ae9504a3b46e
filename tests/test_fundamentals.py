"""Convolution by hand against torch, number for number."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from cvdemo import fundamentals
from cvdemo.errors import UsageError
from cvdemo.fundamentals import PADDINGS, POOLS, PRESETS, SIZES, STRIDES, Recipe


def _plane(height: int, width: int, seed: int = 0) -> fundamentals.Plane:
    return np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.float64)


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(5, 40),
    width=st.integers(5, 40),
    side=st.sampled_from(SIZES),
    stride=st.sampled_from(STRIDES),
    padding=st.sampled_from(PADDINGS),
    seed=st.integers(0, 1000),
)
def test_conv2d_is_that_of_torch(height: int, width: int, side: int, stride: int, padding: int, seed: int) -> None:
    plane = _plane(height, width, seed)
    kernel = np.random.default_rng(seed).normal(size=(side, side))
    expected = F.conv2d(torch.tensor(plane)[None, None], torch.tensor(kernel)[None, None], None, stride, padding)
    np.testing.assert_allclose(fundamentals.conv2d(plane, kernel, stride, padding), expected[0, 0].numpy(), atol=1e-9)


@pytest.mark.parametrize("side", [2, 3])
@pytest.mark.parametrize("size_hw", [(3, 3), (7, 10), (12, 12), (31, 17)])
def test_max_pool2d_is_that_of_torch(side: int, size_hw: tuple[int, int]) -> None:
    plane = _plane(*size_hw) - 128
    expected = F.max_pool2d(torch.tensor(plane)[None, None], side)[0, 0].numpy()
    np.testing.assert_array_equal(fundamentals.max_pool2d(plane, side), expected)


@pytest.mark.parametrize("side", SIZES)
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_through_all_steps_is_that_of_torch(name: str, side: int) -> None:
    kernel = fundamentals.parse_kernel(fundamentals.preset(name, side))
    plane = _plane(33, 40)
    steps = fundamentals.run_steps(plane, Recipe(kernel=kernel, stride=2, padding=1, rectify=True, pool=2))
    conv = F.conv2d(torch.tensor(plane)[None, None], torch.tensor(kernel)[None, None], stride=2, padding=1)
    expected = F.max_pool2d(F.relu(conv), 2)[0, 0].numpy()
    assert list(steps) == ["conv", "relu", "pool"]
    np.testing.assert_allclose(steps["pool"].values, expected, atol=1e-9)


@pytest.mark.parametrize("side", SIZES)
def test_presets_do_what_their_names_say(side: int) -> None:
    kernels = {name: fundamentals.parse_kernel(fundamentals.preset(name, side)) for name in PRESETS}
    plane = _plane(20, 20)
    inner = plane[side // 2 : -(side // 2), side // 2 : -(side // 2)]
    np.testing.assert_array_equal(fundamentals.conv2d(plane, kernels["identity"]), inner)
    assert kernels["blur"].sum() == pytest.approx(1)
    assert kernels["sharpen"].sum() == pytest.approx(1)
    assert all(kernels[name].sum() == 0 for name in ("horizontal", "vertical", "laplacian"))
    step = np.where(np.arange(20)[:, None] >= 10, 255.0, 0.0) * np.ones((20, 20))  # dark above, light below
    assert fundamentals.conv2d(step, kernels["horizontal"]).max() > 0
    assert not fundamentals.conv2d(step, kernels["vertical"]).any()
    assert not fundamentals.conv2d(step.T, kernels["horizontal"]).any()
    np.testing.assert_array_equal(kernels["vertical"], kernels["horizontal"].T)


def test_channels_are_those_of_the_picture() -> None:
    red = np.zeros((2, 3, 3), np.uint8)
    red[..., 0] = 200
    assert (fundamentals.channel_plane(red, "red") == 200).all()
    assert (fundamentals.channel_plane(red, "blue") == 0).all()
    assert (fundamentals.channel_plane(red, "grey") == 60).all()  # 0.299 * 200
    white = np.full((1, 1, 3), 255, np.uint8)
    assert fundamentals.channel_plane(white, "grey").item() == 255


@pytest.mark.parametrize(
    ("text", "value"), [("2", 2), (" -0.5", -0.5), ("1/9", 1 / 9), ("0,25", 0.25), ("−1", -1), ("+3", 3), (".5", 0.5)]
)
def test_weights_as_people_type_them(text: str, value: float) -> None:
    assert fundamentals.parse_weight(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", " ", "abc", "1/0", "nan", "inf", "1e9", "--1", "1/9/3", "9" * 40, "\N{PILE OF POO}"]
)
def test_what_is_no_number_is_one_sentence(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a number; type one such as 2, -0\.5 or 1/9\.$"):
        fundamentals.parse_weight(text)


def test_too_large_a_weight_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="too large"):
        fundamentals.parse_weight("100000")


@pytest.mark.parametrize("cells", [[], [["1"]], [["1"] * 3] * 2, [["1"] * 4] * 4])
def test_other_sizes_are_refused(cells: list[list[str]]) -> None:
    with pytest.raises(UsageError, match="3 × 3 or 5 × 5"):
        fundamentals.parse_kernel(cells)


def test_one_pixel() -> None:
    kernel = fundamentals.parse_kernel(fundamentals.preset("sharpen", 3))
    one = np.array([[10.0]])
    with pytest.raises(UsageError, match="does not fit into 1 × 1 pixels with padding 0"):
        fundamentals.conv2d(one, kernel)
    assert fundamentals.conv2d(one, kernel, padding=1).item() == 50
    with pytest.raises(UsageError, match="too few for pooling 2 × 2"):
        fundamentals.run_steps(one, Recipe(kernel=kernel, padding=1, pool=2))


@pytest.mark.parametrize("pool", POOLS)
def test_a_kernel_of_zeros_gives_zeros_and_a_black_picture_of_its_own_kind(pool: int) -> None:
    steps = fundamentals.run_steps(_plane(9, 9), Recipe(kernel=np.zeros((3, 3)), rectify=False, pool=pool))
    for step in steps.values():
        assert not step.values.any()
        assert np.isfinite([step.low, step.high]).all()
        assert len(np.unique(step.grey())) == 1


def test_black_and_white_of_the_shown_picture() -> None:
    plane = _plane(12, 12)
    identity = fundamentals.parse_kernel(fundamentals.preset("identity", 3))
    shown = fundamentals.run_steps(plane, Recipe(kernel=identity, pool=0))["conv"]
    np.testing.assert_array_equal(shown.grey(), plane[1:-1, 1:-1])
    sobel = fundamentals.parse_kernel(fundamentals.preset("vertical", 3))
    flat = fundamentals.run_steps(np.full((9, 9), 77.0), Recipe(kernel=sobel, rectify=False, pool=0))["conv"]
    assert (flat.grey() == 128).all()
    inverse = fundamentals.run_steps(plane, Recipe(kernel=-identity, rectify=True, pool=0))
    assert (inverse["conv"].low, inverse["conv"].high) == (-255, 0)
    assert not inverse["relu"].grey().any()


def test_the_liveliest_patch_is_where_the_numbers_differ() -> None:
    plane = np.full((50, 70), 90.0)
    plane[20:30, 40:50] = _plane(10, 10)
    assert fundamentals.liveliest_patch(plane, 10) == (25, 45)
    assert fundamentals.liveliest_patch(np.zeros((1, 1)), 10) == (0, 0)
