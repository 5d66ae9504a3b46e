"""The decoder walk on the street U-Net: every skip matters, and nothing stays behind."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.imaging import image_from_pixels
from cvdemo.inspect.decoder import skips_of, walk, without
from cvdemo.inspect.hooks import hook_count
from cvdemo.registry import REGISTRY
from cvdemo.types import Image

SPEC = REGISTRY.get("unet-street")


def test_skips_of_the_street_network() -> None:
    network = engine().module(SPEC)
    assert [skip.stride for skip in skips_of(network)] == [16, 8, 4, 2]
    with pytest.raises(UsageError, match="U-Net"):
        skips_of(torch.nn.Conv2d(3, 3, 1))


def test_a_silenced_skip_is_zero_and_the_rest_is_not() -> None:
    network = engine().module(SPEC)
    skip = skips_of(network)[1]
    seen = {}

    def look(_module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        seen["joined"] = inputs[0]

    handle = network.get_submodule("decoder.blocks.1.conv1").register_forward_pre_hook(look)
    try:
        with torch.inference_mode(), without(network, [skip]):
            network(torch.randn(1, 3, 64, 64))
    finally:
        handle.remove()
    assert not seen["joined"][:, skip.own :].any()
    assert seen["joined"][:, : skip.own].any()
    assert seen["joined"].shape[1] - skip.own == network.encoder.out_channels[3]


def test_walk_ends_at_the_networks_own_answer_and_leaves_no_hook(bus: Image) -> None:
    found = walk(SPEC, bus)
    assert [step.skips for step in found.added] == [(), (16,), (16, 8), (16, 8, 4), (16, 8, 4, 2)]
    assert [step.skips for step in found.without] == [(8, 4, 2), (16, 4, 2), (16, 8, 2), (16, 8, 4)]
    assert found.added[-1].changed == 0
    assert all(step.changed > 0.001 for step in (*found.added[:-1], *found.without))
    assert found.added[0].changed > found.added[-2].changed
    same = found.added[-1].result.class_map == tasks.run(SPEC, bus).result.class_map
    assert same.mean() > 0.99
    assert hook_count(engine().module(SPEC)) == 0


def test_a_large_picture_is_walked_in_its_whole_view() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (200, 1600, 3)).astype(np.uint8)
    assert walk(SPEC, image_from_pixels(pixels)).added[-1].result.class_map.shape == (200, 1600)
