"""Channels fall silent: exactly those, only there, and the ones found important are those that cost most."""

from __future__ import annotations

import copy
import threading

import numpy as np
import pytest
import torch

from cvdemo.engine import Engine
from cvdemo.errors import UsageError
from cvdemo.inspect.ablation import ablate, ablating, important_channels
from cvdemo.inspect.cam import default_layer
from cvdemo.inspect.hooks import hook_count
from cvdemo.inspect.progress import CancelledError
from cvdemo.inspect.store import network_input
from cvdemo.inspect.tree import tree_of
from cvdemo.settings import settings
from tests.inspect.answers import NAMES, ONE_EACH, answered


def _channels(name: str, layer: str) -> int:
    a = answered(name)
    shape = tree_of(a.spec, a.image).find(layer).output_shape
    assert shape is not None
    return shape[0]


@pytest.mark.parametrize("name", NAMES)
def test_no_channel_off_changes_nothing_and_all_off_changes_the_answer(name: str) -> None:
    a = answered(name)
    layer = default_layer(a.spec, a.image)
    none = ablate(a.spec, a.image, layer, [])
    for output in none.before.outputs:
        np.testing.assert_array_equal(none.after.outputs[output], none.before.outputs[output])
    assert a.target.value(none.before) == pytest.approx(a.target.value(a.raw), rel=2e-3, abs=2e-3)
    every = ablate(a.spec, a.image, layer, range(_channels(name, layer)), before=none.before)
    assert every.before is none.before
    # A layer that says nothing must say so about every picture: the answer is no longer this one's.
    assert abs(a.target.value(every.after) - a.target.value(none.before)) > 0.05
    assert hook_count(a.module) == 0


def test_an_answer_no_longer_depends_on_the_picture_when_the_last_maps_are_silent() -> None:
    a, other = answered("efficientnet-lite0"), answered("centernet").image
    layer = default_layer(a.spec, a.image)
    every = range(_channels("efficientnet-lite0", layer))
    logits = [ablate(a.spec, image, layer, every).after.outputs["logits"] for image in (a.image, other)]
    np.testing.assert_array_equal(logits[0], logits[1])


def test_a_silent_channel_is_one_whose_weights_are_zero() -> None:
    a = answered("centernet")
    inputs = network_input(a.spec, a.image)
    layer = next(name for name, m in a.module.named_modules() if isinstance(m, torch.nn.Conv2d) and m.groups == 1)
    without = copy.deepcopy(a.module)
    conv = without.get_submodule(layer)
    assert isinstance(conv, torch.nn.Conv2d)
    conv.weight.data[[1, 4]] = 0
    if conv.bias is not None:
        conv.bias.data[[1, 4]] = 0
    with torch.no_grad():
        expected = without(inputs)
        plain = a.module(inputs)
        with ablating(a.module, layer, [1, 4]):
            found = a.module(inputs)
        after = a.module(inputs)
    for one, two, three, four in zip(found, expected, after, plain, strict=True):
        torch.testing.assert_close(one, two)
        assert torch.equal(three, four)
        assert not torch.equal(one, four)


def test_the_average_in_place_of_silence_keeps_the_channels_mean() -> None:
    a = answered("efficientnet-lite0")
    seen = {}
    with torch.no_grad(), ablating(a.module, "efficientnet.blocks.2", [3], "mean"):
        handle = a.module.get_submodule("efficientnet.blocks.2").register_forward_hook(
            lambda _module, _args, output: seen.update(after=output.clone())
        )
        try:
            a.module(network_input(a.spec, a.image))
        finally:
            handle.remove()
    with torch.no_grad():
        plain = a.module.get_submodule("efficientnet.blocks.2")
        kept = plain.register_forward_hook(lambda _module, _args, output: seen.update(before=output.clone()))
        try:
            a.module(network_input(a.spec, a.image))
        finally:
            kept.remove()
    before, after = seen["before"][0], seen["after"][0]
    assert after[3].std() == pytest.approx(0, abs=1e-6)
    assert float(after[3].mean()) == pytest.approx(float(before[3].mean()), rel=1e-4)
    rest = [i for i in range(len(before)) if i != 3]
    assert torch.equal(before[rest], after[rest])


@pytest.mark.parametrize("name", ONE_EACH)
def test_important_channels_cost_what_is_said_and_more_than_others(name: str) -> None:
    a = answered(name)
    layer = default_layer(a.spec, a.image)
    found = important_channels(a.spec, a.image, a.target, layer, count=3)
    losses = [effect.measured for effect in found]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > 0
    before = None
    for effect in found[:2]:
        made = ablate(a.spec, a.image, layer, [effect.channel], before=before)
        before = made.before
        drop = a.target.value(made.before) - a.target.value(made.after)
        assert drop == pytest.approx(effect.measured, rel=1e-2, abs=1e-3)
    random = np.random.default_rng(0).choice(_channels(name, layer), 6, replace=False)
    others = []
    for channel in random.tolist():
        made = ablate(a.spec, a.image, layer, [channel], before=before)
        others.append(a.target.value(made.before) - a.target.value(made.after))
    assert losses[0] > np.mean(others)
    assert hook_count(a.module) == 0


def test_predictions_of_the_engine_do_not_change() -> None:
    a = answered("efficientnet-lite0")
    ablate(a.spec, a.image, "efficientnet.conv_stem", range(32))
    again = Engine(settings()).forward(a.spec, a.image)
    np.testing.assert_array_equal(again.outputs["logits"], a.raw.outputs["logits"])


@pytest.mark.parametrize(
    ("layer", "channels", "words"),
    [
        ("efficientnet.blocks.2", [99999], "channels 0 to"),
        ("efficientnet.blocks.2", [-1], "channels 0 to"),
        ("efficientnet.classifier", [0], "no feature maps"),
        ("nose", [0], "no layer"),
    ],
)
def test_what_does_not_exist_is_refused_and_leaves_no_hook(layer: str, channels: list[int], words: str) -> None:
    a = answered("efficientnet-lite0")
    with pytest.raises(UsageError, match=words):
        ablate(a.spec, a.image, layer, channels)
    assert hook_count(a.module) == 0


def test_the_search_stops_when_told_and_leaves_no_hook() -> None:
    a = answered("efficientnet-lite0")
    cancel = threading.Event()
    with pytest.raises(CancelledError):
        important_channels(
            a.spec, a.image, a.target, "efficientnet.blocks.2", progress=lambda *_: cancel.set(), cancel=cancel
        )
    assert hook_count(a.module) == 0
