"""Tiles of large pictures: nothing is left out, every place is counted once, and the answer does not depend on them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from cvdemo.engine import Engine
from cvdemo.imaging import image_from_pixels
from cvdemo.models import tiles
from cvdemo.models.unet import FILL, STRIDE, decode, preprocess
from cvdemo.registry import REGISTRY
from cvdemo.settings import settings
from cvdemo.types import Image
from tests.conftest import need

SPEC = REGISTRY.get("unet-street")
SIZES = [(3000, 4000), (4000, 3000), (1501, 1501), (700, 6000), (1, 1600), (32000, 1), (1200, 1600), (40, 9000)]


@pytest.mark.parametrize("size_hw", SIZES)
@pytest.mark.parametrize("side", [480, 512])
def test_tiles_cover_everything_and_their_weights_sum_to_one(size_hw: tuple[int, int], side: int) -> None:
    tiling = tiles.plan(size_hw, side, STRIDE)
    assert tiling is not None
    assert tiling.tile_hw[0] % STRIDE == tiling.tile_hw[1] % STRIDE == 0
    assert max(tiling.tile_hw) <= side
    assert len(tiling.corners) <= 16
    for length, tile, starts in zip(tiling.work_hw, tiling.tile_hw, (tiling.tops, tiling.lefts), strict=True):
        table = tiles.weights(length, tile, starts)
        np.testing.assert_allclose(table.sum(axis=0), 1, atol=1e-6)
        assert (table >= 0).all()
        for row, start in zip(table, starts, strict=True):
            inside = np.arange(length)
            assert not row[(inside < start) | (inside >= start + tile)].any()
        overlaps = [first + tile - second for first, second in pairwise(starts)]
        assert all(overlap >= tile * tiles.OVERLAP - 1 for overlap in overlaps)


@pytest.mark.parametrize("size_hw", [(1500, 1500), (360, 480), (1, 1)])
def test_smaller_pictures_are_one_view(size_hw: tuple[int, int]) -> None:
    assert tiles.plan(size_hw, 480, STRIDE) is None


def test_blending_equal_answers_gives_that_answer() -> None:
    tiling = tiles.plan((3000, 4000), 480, STRIDE)
    assert tiling is not None
    plane = np.linspace(-3, 3, 4, dtype=np.float32)[:, None, None]
    whole = np.broadcast_to(plane, (4, 360, 480)).copy()
    answers = np.broadcast_to(plane, (len(tiling.corners), 4, *tiling.tile_hw))
    np.testing.assert_allclose(
        tiles.blend(whole, answers, tiling), np.broadcast_to(plane, (4, *tiling.work_hw)), atol=1e-5
    )


def test_blending_what_was_cut_gives_the_picture_back() -> None:
    """With the tiles' own pixels as answers the canvas is the scaled picture, so no tile lies at a wrong place."""
    y, x = np.mgrid[0:1600, 0:2100]
    pixels = np.stack([x // 9 % 256, y // 7 % 256, (x + y) // 16 % 256], axis=-1).astype(np.uint8)
    tiling = tiles.plan((1600, 2100), 480, STRIDE)
    assert tiling is not None
    cuts = np.stack(tiles.cut(pixels, tiling, FILL)).transpose(0, 3, 1, 2).astype(np.float32)
    height, width = tiling.work_hw
    scaled = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    small = cv2.resize(scaled, (480, 366), interpolation=cv2.INTER_AREA).transpose(2, 0, 1).astype(np.float32)
    share = 0.5
    enlarged = np.stack([cv2.resize(plane, (width, height)) for plane in small])
    expected = share * enlarged + (1 - share) * scaled.transpose(2, 0, 1)
    np.testing.assert_allclose(tiles.blend(small, cuts, tiling), expected, atol=1e-2)


@pytest.fixture(scope="module")
def engine() -> Engine:
    need((settings().weights_dir / SPEC.weights).is_file(), SPEC.weights)
    return Engine(replace(settings(), device="cpu", threads=1))


def _halves(height: int, width: int) -> Image:
    """A blue sky over a grey road: the same scene at any size."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2] = (150, 190, 240)
    pixels[height // 2 :] = (95, 95, 98)
    return image_from_pixels(pixels, "halves")


def test_a_tiled_picture_of_a_constant_scene_equals_the_untiled_one(engine: Engine) -> None:
    small, large = _halves(900, 1200), _halves(1800, 2400)
    plain = decode(SPEC, engine.forward(SPEC, small))
    raw = engine.forward(SPEC, large)
    assert len(raw.outputs["logits"]) == len(preprocess(SPEC, large).inputs) == 5
    tiled = decode(SPEC, raw)
    assert tiled.class_map.shape == (1800, 2400)
    same = cv2.resize(plain.class_map, (2400, 1800), interpolation=cv2.INTER_NEAREST) == tiled.class_map
    assert same.mean() > 0.8


def test_tiles_agree_with_the_whole_view_on_a_photo(engine: Engine, bus: Image) -> None:
    """Enlarged twice the photo says nothing new: tiled and untiled answers agree on nearly all of it."""
    large = image_from_pixels(cv2.resize(bus.pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), "large")
    plain, tiled = (decode(SPEC, engine.forward(SPEC, image)) for image in (bus, large))
    same = cv2.resize(plain.class_map, large.size_hw[::-1], interpolation=cv2.INTER_NEAREST) == tiled.class_map
    assert same.mean() > 0.75


MEASURE = r"""
import re, sys
from cvdemo import tasks
from cvdemo.imaging import load_image
from cvdemo.registry import REGISTRY
image = load_image(open(sys.argv[1], "rb").read(), "large")
result = tasks.run(REGISTRY.get("unet-street"), image).result
assert result.class_map.shape == image.size_hw == (3000, 4000)
status = open("/proc/self/status").read()  # the peak that the resource module knows includes the parent's
print(int(re.search(r"VmHWM:\s+([0-9]+)", status)[1]) // 1024)
"""


@pytest.mark.slow
def test_twelve_megapixels_work_inside_a_gigabyte(engine: Engine, bus: Image, tmp_path: Path) -> None:
    """Once the network's graph is in the cache: the first export loads torch, which alone takes half a gigabyte."""
    engine.forward(SPEC, bus)
    path = tmp_path / "large.jpg"
    cv2.imwrite(str(path), cv2.resize(bus.pixels, (4000, 3000))[..., ::-1])
    answer = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True)
    assert int(answer.stdout) < 1000, f"{answer.stdout.strip()} MB at the peak"
