"""Letterboxing: geometry against arithmetic, pixels against pictures whose colour is their position."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvdemo.imaging import crop_letterbox, letterbox, unletterbox

sides = st.integers(1, 700)
inputs = st.integers(8, 512)


def ramp(height: int, width: int) -> np.ndarray:
    """Red grows from left to right, green from top to bottom, 0..255 from edge to edge; blue is 255."""
    x = (np.arange(width) + 0.5) / width * 255
    y = (np.arange(height) + 0.5) / height * 255
    red, green = np.meshgrid(x, y)
    return np.stack([red, green, np.full_like(red, 255)], axis=-1).round().astype(np.uint8)


@settings(max_examples=200, deadline=None)
@given(sides, sides, inputs, inputs, st.booleans())
def test_geometry(height: int, width: int, input_h: int, input_w: int, centre: bool) -> None:
    pixels, box = letterbox(np.full((height, width, 3), 255, np.uint8), (input_h, input_w), centre=centre)
    assert pixels.shape == (input_h, input_w, 3)
    (x0, y0), (x1, y1) = box.to_input(np.array([[0, 0], [width, height]], np.float32))
    assert -1e-3 <= x0 < x1 <= input_w + 1e-3
    assert -1e-3 <= y0 < y1 <= input_h + 1e-3
    assert x1 - x0 >= input_w - 1e-3 or y1 - y0 >= input_h - 1e-3  # fills one side
    sx, sy = box.scale_xy
    # The proportions are kept to the rounding of the shorter side.
    assert abs(sx - sy) * max(height, width) <= 1.01 * max(1, height / width, width / height)
    if centre:
        assert abs(x0 - (input_w - x1)) <= 1.001
        assert abs(y0 - (input_h - y1)) <= 1.001
    else:
        assert (x0, y0) == (0, 0)
    inside = np.zeros((input_h, input_w), bool)
    inside[round(y0) : round(y1), round(x0) : round(x1)] = True
    assert (pixels[inside] == 255).all()
    assert (pixels[~inside] == 0).all()


@settings(max_examples=100, deadline=None)
@given(sides, sides, inputs, inputs, st.booleans(), st.integers(0, 2**32 - 1))
def test_points_come_back(height: int, width: int, input_h: int, input_w: int, centre: bool, seed: int) -> None:
    _, box = letterbox(np.zeros((height, width, 3), np.uint8), (input_h, input_w), centre=centre)
    points = np.random.default_rng(seed).uniform(0, [width, height], (20, 2)).astype(np.float32)
    assert np.abs(box.to_image(box.to_input(points)) - points).max() <= 1e-3 * max(height, width)


@settings(max_examples=60, deadline=None)
@given(st.integers(40, 400), st.integers(40, 400), st.sampled_from([64, 128, 192, 256]), st.booleans())
def test_pixels_lie_where_the_mapping_says(height: int, width: int, side: int, centre: bool) -> None:
    pixels, box = letterbox(ramp(height, width), (side, side), centre=centre)
    rows, cols = np.nonzero(pixels[..., 2] == 255)
    centres = np.stack([cols, rows], axis=-1).astype(np.float32) + 0.5
    expected = box.to_image(centres) / np.array([width, height]) * 255
    margin = 255 / min(height, width) + 1  # half a pixel is lost at the very edge
    assert np.abs(pixels[rows, cols, :2] - expected).max() <= margin


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(st.floats(-300, 300), st.floats(-300, 300), st.floats(20, 400), st.floats(20, 400)),
    st.sampled_from([(192, 192), (256, 256), (256, 192)]),
)
def test_crop_lies_where_the_mapping_says(box_xywh: tuple[float, ...], input_hw: tuple[int, int]) -> None:
    picture = ramp(200, 240)
    x, y, w, h = box_xywh
    pixels, box = crop_letterbox(picture, (x, y, x + w, y + h), input_hw)
    assert pixels.shape == (*input_hw, 3)
    grid = np.stack(np.meshgrid(np.arange(input_hw[1]), np.arange(input_hw[0])), axis=-1).astype(np.float32) + 0.5
    place = box.to_image(grid)
    slack = 2 / min(box.scale_xy)  # the paste is rounded to whole input pixels
    outside = ((place < -slack) | (place > np.array([240, 200]) + slack)).any(-1)
    assert (pixels[outside] == 0).all()
    shown = pixels[..., 2] == 255
    expected = place[shown] / np.array([240, 200]) * 255
    assert np.abs(pixels[shown][:, :2] - expected).max(initial=0) <= 2.5 + 255 / 200
    corners = box.to_input(np.array([[x, y], [x + w, y + h]], np.float32))
    visible = min(x + w, 240) - max(x, 0) > 20 and min(y + h, 200) - max(y, 0) > 20
    if visible:  # the box fits into the input
        assert corners.min() >= -4
        assert (corners[1] <= np.array(input_hw[::-1]) + 4).all()


def test_crop_of_the_whole_picture_is_the_letterbox() -> None:
    picture = ramp(77, 133)
    whole, box = letterbox(picture, (96, 64))
    crop, crop_box = crop_letterbox(picture, (0, 0, 133, 77), (96, 64))
    assert np.array_equal(whole, crop)
    assert box == crop_box


def test_crop_beyond_the_picture_is_all_fill() -> None:
    pixels, box = crop_letterbox(ramp(50, 50), (100, 100, 150, 150), (32, 32), fill=(1, 2, 3))
    assert (pixels == [1, 2, 3]).all()
    assert box.to_input(np.array([100, 100], np.float32)) == pytest.approx([0, 0])
    with pytest.raises(ValueError, match="no area"):
        crop_letterbox(ramp(50, 50), (10, 10, 10, 20), (32, 32))


def test_extreme_proportions() -> None:
    pixels, box = letterbox(np.full((3, 30000, 3), 9, np.uint8), (64, 64))
    assert (pixels == 9).all(-1).sum() == 64  # one row of the input
    assert box.to_image(box.to_input(np.array([30000, 3], np.float32))) == pytest.approx([30000, 3])


def test_colours_keep_their_order() -> None:
    red = np.zeros((10, 20, 3), np.uint8)
    red[..., 0] = 255
    pixels, _ = letterbox(red, (20, 20), fill=(0, 0, 255))
    assert pixels[10, 10].tolist() == [255, 0, 0]
    assert pixels[0, 0].tolist() == [0, 0, 255]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(60, 300),
    st.integers(60, 300),
    st.sampled_from([1, 4, 8, 16]),
    st.sampled_from([128, 256]),
    st.booleans(),
)
def test_a_map_is_laid_back_onto_the_picture(height: int, width: int, stride: int, side: int, centre: bool) -> None:
    _, box = letterbox(np.zeros((height, width, 3), np.uint8), (side, side), centre=centre)
    cells = side // stride
    grid = np.stack(np.meshgrid(np.arange(cells), np.arange(cells)), axis=-1).astype(np.float32)
    place = box.to_image((grid + 0.5) * stride)  # picture x and y at the middle of each cell
    for out_hw in (None, (40, 50)):
        laid = unletterbox(place, box, out_hw)
        out_h, out_w = out_hw or (height, width)
        assert laid.shape == (out_h, out_w, 2)
        expected = np.stack(
            np.meshgrid((np.arange(out_w) + 0.5) * width / out_w, (np.arange(out_h) + 0.5) * height / out_h), axis=-1
        )
        # Where no cell's middle lies outwards of a point, its edge cell is repeated.
        lo, hi = place[0, 0], place[-1, -1]
        known = ((expected >= lo) & (expected <= hi)).all(-1)
        assert np.abs(laid - expected)[known].max() <= 0.2 * stride / min(box.scale_xy) + 0.1


def test_laying_back_keeps_the_kind_of_number() -> None:
    _, box = letterbox(np.zeros((30, 60, 3), np.uint8), (64, 64))
    classes = np.repeat(np.repeat(np.array([[0, 5], [7, 9]], np.uint8), 32, 0), 32, 1)
    laid = unletterbox(classes, box, interpolation="nearest")
    assert laid.dtype == np.uint8
    assert laid.shape == (30, 60)
    assert laid[0, 0] == 0
    assert laid[0, -1] == 5
    assert laid[-1, 0] == 7
    assert laid[-1, -1] == 9
