"""What is recorded is what the layers said, hooks are gone afterwards, and no prediction changes."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from cvdemo.engine import Engine, engine
from cvdemo.errors import UsageError
from cvdemo.inspect import activations
from cvdemo.registry import REGISTRY
from cvdemo.settings import settings
from cvdemo.types import Image

CENTERNET = REGISTRY.get("centernet")
STAGE = "backbone.stage3"


def _hooks(module: torch.nn.Module) -> int:
    return sum(len(m._forward_hooks) for m in module.modules())


def test_captured_maps_are_what_the_layer_computes(bus: Image) -> None:
    module = engine().module(CENTERNET)
    inputs = torch.from_numpy(engine().prepare(CENTERNET, bus).inputs.copy())
    with torch.inference_mode():
        x = inputs
        for name in ("stem", "stage1", "stage2", "stage3"):
            x = getattr(module.backbone, name)(x)
    captured = activations.capture(CENTERNET, bus, [STAGE])[STAGE]
    assert captured.dtype == np.float16
    np.testing.assert_allclose(captured, x[0].numpy(), rtol=2e-3, atol=2e-3)


def test_survey_tells_the_story_from_fine_to_coarse(bus: Image) -> None:
    look = activations.survey(CENTERNET, bus)
    assert STAGE in look.stages
    sides = [look.layer(name).shape[1] for name in look.stages if name.startswith("backbone.stage")]
    assert sides == sorted(sides, reverse=True)
    assert all(look.overview[name].shape == look.layer(name).shape[1:] for name in look.stages)
    assert look.content == (0, 64, 512, 448)


def test_no_hook_is_left_after_success_and_failure(bus: Image) -> None:
    module = engine().module(CENTERNET)
    activations.survey(CENTERNET, bus)
    with pytest.raises(UsageError, match=r"no layer 'no\.such'"):
        activations.capture(CENTERNET, bus, ["no.such"])

    def fail(name: str, source: torch.nn.Module, maps: torch.Tensor) -> None:
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError, match="no room"), activations.recording(module, [STAGE], fail):
        module(torch.zeros(1, 3, 512, 512))
    assert _hooks(module) == 0


def test_another_threads_forward_is_not_recorded() -> None:
    module = engine().module(CENTERNET)
    seen: list[str] = []
    with activations.recording(module, [STAGE], lambda name, source, maps: seen.append(name)):
        other = threading.Thread(target=lambda: module(torch.zeros(1, 3, 64, 64)))
        other.start()
        other.join()
    assert seen == []


def test_predictions_are_the_same_bit_for_bit(bus: Image) -> None:
    before = Engine(settings()).forward(CENTERNET, bus).outputs
    watched = Engine(settings())
    activations.capture(CENTERNET, bus, [STAGE])
    after = watched.forward(CENTERNET, bus).outputs
    assert all(np.array_equal(before[name], after[name]) for name in before)
