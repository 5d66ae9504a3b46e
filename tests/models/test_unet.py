"""U-Net: how pictures go in and class maps come out."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch

from cvdemo.imaging import image_from_pixels
from cvdemo.models import family_of
from cvdemo.models.unet import STRIDE, decode, largest_class, normalise, preprocess
from cvdemo.registry import REGISTRY
from cvdemo.runtime import OnnxRuntime, export_graph
from cvdemo.types import RawOutput

SPEC = REGISTRY.get("unet-street")
SIZES = [(360, 480), (1, 1), (3, 2000), (2000, 3), (28, 28), (720, 960), (481, 479), (333, 517)]


@pytest.mark.parametrize("size_hw", SIZES)
def test_the_long_side_becomes_480_and_both_fit_the_encoder(size_hw: tuple[int, int]) -> None:
    image = image_from_pixels(np.full((*size_hw, 3), 200, np.uint8), "flat")
    prepared = preprocess(SPEC, image)
    height, width = prepared.inputs.shape[2:]
    assert height % STRIDE == width % STRIDE == 0
    assert max(height, width) == 480
    box = prepared.letterboxes[0]
    filled = np.flatnonzero((prepared.inputs[0, 0] != 0).any(0))
    assert len(filled) == round(size_hw[1] * box.scale_xy[0])
    scaled = [side * scale for side, scale in zip(size_hw[::-1], box.scale_xy, strict=True)]
    assert max(scaled) == pytest.approx(480)
    assert prepared.inputs[0].nbytes <= 480 * 480 * 3 * 4
    assert len(prepared.inputs) == len(prepared.letterboxes)


def test_a_scene_at_its_own_size_is_not_resampled() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (360, 480, 3), np.uint8)
    prepared = preprocess(SPEC, image_from_pixels(pixels, "scene"))
    np.testing.assert_array_equal(prepared.inputs[0, :, :360], normalise(pixels))
    assert not prepared.inputs[0, :, 360:].any()


def test_red_goes_into_the_first_channel() -> None:
    red = np.zeros((96, 96, 3), np.uint8)
    red[..., 0] = 255
    prepared = preprocess(SPEC, image_from_pixels(red, "red"))
    np.testing.assert_allclose(prepared.inputs[0, :, 0, 0], [1.0, -127 / 128, -127 / 128])


def _raw(logits: np.ndarray, size_hw: tuple[int, int]) -> RawOutput:
    box = preprocess(SPEC, image_from_pixels(np.zeros((*size_hw, 3), np.uint8), "black")).letterboxes
    return RawOutput(outputs={"logits": logits}, letterboxes=box, size_hw=size_hw)


def _quadrants(input_hw: tuple[int, int], filled_hw: tuple[int, int]) -> np.ndarray:
    """Logits that are sure of class 1, 2, 3, 4 in the quarters of the picture, and of class 9 in the padding."""
    logits = np.zeros((1, 11, *input_hw), np.float32)
    h, w = filled_hw
    logits[0, 9] = 20
    logits[0, 9, :h, :w] = 0
    logits[0, 1, : h // 2, : w // 2] = logits[0, 2, : h // 2, w // 2 : w] = 10
    logits[0, 3, h // 2 : h, : w // 2] = logits[0, 4, h // 2 : h, w // 2 : w] = 10
    return logits


@pytest.mark.parametrize("size_hw", [(360, 480), (720, 960), (180, 240), (90, 120)])
def test_the_map_lies_on_the_picture_and_the_padding_is_gone(size_hw: tuple[int, int]) -> None:
    result = decode(SPEC, _raw(_quadrants((384, 480), (360, 480)), size_hw))
    h, w = size_hw
    assert result.class_map.shape == size_hw
    corners = result.class_map[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.tolist() == [1, 2, 3, 4]
    edges = result.class_map[h // 2 - 2, w // 2 - 2], result.class_map[h // 2 + 1, w // 2 + 1]
    assert edges == (1, 4)
    np.testing.assert_allclose(result.shares()[1:5], 0.25, atol=0.01)
    assert result.probs.shape == (11, 360, 480)
    np.testing.assert_allclose(result.probs.sum(0), 1, atol=1e-5)


def test_largest_class_equals_scaling_all_maps_first() -> None:
    logits = np.random.default_rng(0).normal(size=(11, 12, 16)).astype(np.float32)
    maps = torch.nn.functional.interpolate(torch.from_numpy(logits)[None], (50, 70), mode="bilinear")[0]
    same = largest_class(logits, (50, 70)) == maps.argmax(0).numpy()
    assert same.mean() > 0.999


def test_a_photo_of_twelve_megapixels_takes_little_memory() -> None:
    raw = _raw(np.repeat(_quadrants((480, 480), (360, 480)), 5, axis=0), (3000, 4000))
    tracemalloc.start()
    result = decode(SPEC, raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.class_map.shape == (3000, 4000)
    assert peak < 4 * 4 * 12_000_000  # two planes, the map, its mask, and the maps of the tiled picture


def test_the_exported_graph_answers_as_the_module_at_every_size() -> None:
    family = family_of(SPEC)
    torch.manual_seed(0)
    module = family.build(SPEC).eval()
    graph = OnnxRuntime(export_graph(module, family, np.zeros((1, 3, 384, 480), np.float32)), threads=1)
    for size in ((384, 480), (480, 352), (32, 480), (64, 64)):
        inputs = np.random.default_rng(1).uniform(-1, 1, (1, 3, *size)).astype(np.float32)
        with torch.inference_mode():
            expected = module(torch.from_numpy(inputs))[0].numpy()
        (answer,) = graph(inputs)
        assert answer.shape == expected.shape
        np.testing.assert_allclose(answer, expected, rtol=0, atol=1e-4 * np.abs(expected).max())
