"""The decoder walk on the street U-Net: every skip matters, and nothing stays behind."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.imaging import image_from_pixels
from cvdemo.inspect.decoder import changed, look, skips_of, steps, without
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


def test_a_pass_with_all_skips_is_the_networks_own_answer_and_leaves_no_hook(bus: Image) -> None:
    full = look(SPEC, bus)
    same = full.result.class_map == tasks.run(SPEC, bus).result.class_map
    assert same.mean() > 0.99
    assert set(full.encoder) == {32, 16, 8, 4, 2}
    assert {16, 8, 4, 2} <= set(full.decoder)
    for maps in (full.encoder, full.decoder):
        for stride, values in maps.items():  # the picture, 360 of 480 wide, without the padding
            assert values.shape[1:] == (480 // stride, -(-360 // stride))
    assert hook_count(engine().module(SPEC)) == 0


def test_every_silent_skip_changes_the_mask_and_each_that_comes_back_repairs_it(bus: Image) -> None:
    full = look(SPEC, bus)
    strides = [skip.stride for skip in skips_of(engine().module(SPEC))]
    assert steps(strides)[0] == tuple(strides)
    assert steps(strides)[-1] == ()
    passes = {off: look(SPEC, bus, off) for off in [*steps(strides)[:-1], (16,)]}
    shares = {off: changed(one.result, full.result) for off, one in passes.items()}
    assert all(share > 0.001 for share in shares.values())
    assert shares[tuple(strides)] > shares[(strides[-1],)]
    silent = passes[(16,)]
    for stride, values in full.encoder.items():  # what a silent skip would have carried is still shown
        np.testing.assert_allclose(silent.encoder[stride], values, atol=1e-4)
    assert np.abs(silent.decoder[16] - full.decoder[16]).max() > 0.1


def test_a_large_picture_is_looked_at_in_its_whole_view() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (200, 1600, 3)).astype(np.uint8)
    found = look(SPEC, image_from_pixels(pixels))
    assert found.result.class_map.shape == (200, 1600)
    assert found.encoder[2].shape[1:] == (30, 240)
