"""Feature-map sprites and heat maps."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvdemo.imaging import image_from_pixels, letterbox
from cvdemo.types import Image, Letterbox
from cvdemo.viz.features import by_activity, color_table, crop_to_picture, draw_map, is_dead, sprite


def maps(count: int = 5, height: int = 4, width: int = 6) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, height, width)).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70), st.integers(1, 60), st.integers(1, 60), st.sampled_from([None, 1, 8]), st.integers(16, 96))
def test_every_channel_has_its_tile(count: int, height: int, width: int, columns: int | None, side: int) -> None:
    tiles = sprite(maps(count, height, width), columns=columns, tile_side=side)
    tile_h, tile_w = tiles.tile_hw
    assert max(tile_h, tile_w) <= side
    for tile in (0, count // 2, count - 1):
        x, y = tiles.corner(tile)
        assert y + tile_h <= tiles.indices.shape[0]
        assert x + tile_w <= tiles.indices.shape[1]
        assert tiles.channel_at(x, y) == tile
        assert tiles.channel_at(x + tile_w - 0.5, y + tile_h - 0.5) == tile
        assert tiles.channel_at(x + tile_w + 0.5, y) is None
    assert tiles.channel_at(-1, 0) is None
    assert tiles.channel_at(0, tiles.indices.shape[0] + 10) is None


def test_cells_are_enlarged_whole_and_span_all_colours() -> None:
    values = np.array([[[0, 1], [2, 4]]], np.float32)
    tiles = sprite(values, tile_side=9)
    assert tiles.tile_hw == (8, 8)
    assert np.unique(tiles.indices[:4, :4]).tolist() == [0]
    assert np.unique(tiles.indices[4:, 4:]).tolist() == [253]
    assert np.unique(tiles.indices[4:, :4]).tolist() == [127]  # half way


def test_common_scale_compares_channels() -> None:
    values = np.stack([np.array([[0, 1]]), np.array([[0, 100]])]).astype(np.float32)
    own, common = sprite(values, tile_side=2, clip=0), sprite(values, tile_side=2, scale="common", clip=0)
    assert own.indices.max(initial=0, where=own.indices < 254) == 253
    x, y = own.corner(0)
    assert own.indices[y, x + 1] == 253
    assert common.indices[y, x + 1] == 3
    assert (common.low == 0).all()
    assert (common.high == 100).all()


def test_dead_channels_are_marked() -> None:
    values = maps()
    values[1] = 0
    values[3] = 7.5
    assert is_dead(values).tolist() == [False, True, False, True, False]
    tiles = sprite(values)
    x, y = tiles.corner(3)
    tile = tiles.indices[y : y + tiles.tile_hw[0], x : x + tiles.tile_hw[1]]
    assert set(np.unique(tile)) == {254, 255}
    x, y = tiles.corner(2)
    tile = tiles.indices[y : y + tiles.tile_hw[0], x : x + tiles.tile_hw[1]]
    assert tile.max() <= 253
    assert is_dead(np.array([[[0]], [[3]]], np.float32)).tolist() == [True, False]


def test_a_few_extremes_do_not_hide_the_rest() -> None:
    values = np.tile(np.linspace(0, 1, 1000, dtype=np.float32), (1, 1, 1)).reshape(1, 20, 50)
    values[0, 0, 0] = 1000
    assert np.median(sprite(values, tile_side=50).indices) > 100
    assert np.median(sprite(values, tile_side=50, clip=0).indices) < 5
    spark = np.zeros((1, 50, 50), np.float32)
    spark[0, 7, 7] = 3
    assert sprite(spark, tile_side=50).indices[7, 7] == 253


def test_padding_is_cut_off() -> None:
    _, box = letterbox(np.zeros((100, 200, 3), np.uint8), (64, 64))
    grid = np.arange(64, dtype=np.float32).reshape(1, 8, 8)
    assert np.array_equal(crop_to_picture(grid, box), grid[:, 2:6])
    _, whole = letterbox(np.zeros((64, 64, 3), np.uint8), (64, 64))
    assert np.array_equal(crop_to_picture(grid, whole), grid)
    assert crop_to_picture(np.ones((3, 1, 1), np.float32), box).shape == (3, 1, 1)


def test_chosen_channels_keep_their_numbers() -> None:
    values = maps() * np.array([1, 5, 2, 4, 3], np.float32)[:, None, None]
    order = by_activity(values)
    assert sorted(order) == [0, 1, 2, 3, 4]
    spread = values.std(axis=(1, 2))[list(order)]
    assert (np.diff(spread) <= 0).all()
    tiles = sprite(values, channels=(4, 2))
    assert tiles.channel_at(*tiles.corner(0)) == 4
    assert tiles.channel_at(*tiles.corner(1)) == 2


def test_png_shows_the_colour_map_and_clear_gaps() -> None:
    tiles = sprite(maps(), colormap="magma")
    data = tiles.png()
    assert len(data) < tiles.indices.size
    picture = np.array(PIL.Image.open(BytesIO(data)).convert("RGBA"))
    assert picture.shape[:2] == tiles.indices.shape
    clear = tiles.indices == 255
    assert (picture[clear, 3] == 0).all()
    assert (picture[~clear, 3] == 255).all()
    assert (picture[~clear, :3] == color_table("magma", 254)[tiles.indices[~clear]]).all()


def test_color_tables_are_those_of_matplotlib() -> None:
    from matplotlib import colormaps

    for name in ("viridis", "magma"):
        ours, theirs = color_table(name), colormaps[name](np.arange(256))[:, :3] * 255
        assert np.abs(ours - theirs).max() <= 2


def test_values_that_are_not_finite_are_drawn_as_zero() -> None:
    values = maps()
    values[0, 0, 0] = np.nan
    values[1, 0, 0] = np.inf
    assert sprite(values).indices.shape == sprite(maps()).indices.shape
    image = image_from_pixels(np.zeros((10, 10, 3), np.uint8))
    assert draw_map(image, values[0]).shape == (10, 10, 3)


def test_a_map_lies_on_the_thing_that_caused_it() -> None:
    pixels = np.zeros((100, 300, 3), np.uint8)
    pixels[20:40, 200:240] = 255
    image = image_from_pixels(pixels)
    laid_in, box = letterbox(image.pixels, (96, 96))
    values = laid_in.mean(axis=-1).reshape(24, 4, 24, 4).mean(axis=(1, 3)).astype(np.float32)
    heat = draw_map(image, values, box, opacity=1.0, colormap="viridis").astype(int)
    brightness = heat.sum(-1)
    y, x = np.unravel_index(brightness.argmax(), brightness.shape)
    assert 20 <= y < 40
    assert 200 <= x < 240
    assert tuple(heat[90, 20]) == tuple(color_table("viridis")[0])


@pytest.mark.parametrize("opacity", [0.0, 1.0])
def test_opacity_of_a_map(opacity: float) -> None:
    image = image_from_pixels(np.full((20, 20, 3), 77, np.uint8))
    drawn = draw_map(image, maps()[0], opacity=opacity)
    assert np.array_equal(drawn, image.pixels) == (opacity == 0)
    assert (image.pixels == 77).all()


def test_a_map_ends_where_the_network_saw_no_more() -> None:
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[..., 0] = 200
    picture = Image(pixels, "crop", "crop")
    # The network was shown the middle 40 x 40 pixels, twice enlarged.
    seen = Letterbox((60, 80), (80, 80), (2.0, 2.0), (-40.0, -20.0))
    drawn = draw_map(picture, np.random.default_rng(0).uniform(size=(8, 8)).astype(np.float32), seen, opacity=1.0)
    outside = np.ones((60, 80), bool)
    outside[10:50, 20:60] = False
    assert (drawn[outside] == drawn[0, 0]).all()
    assert np.ptp(drawn[0, 0]) == 0
    assert np.unique(drawn[~outside].reshape(-1, 3), axis=0).shape[0] > 20
