"""Class activation maps: equal to a hand-computed one, on the object, different once the network has forgotten."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor, nn

from cvdemo.errors import UsageError
from cvdemo.inspect.cam import (
    METHODS,
    Method,
    activation_map,
    default_layer,
    default_method,
    explain,
    rank_correlation,
    sanity_check,
    with_later_layers_shuffled,
)
from cvdemo.inspect.hooks import hook_count
from cvdemo.inspect.target import Target
from cvdemo.inspect.targets import box_target, class_target
from cvdemo.inspect.tree import tree_of
from cvdemo.registry import REGISTRY
from cvdemo.samples import load_sample
from cvdemo.types import Detections
from tests.inspect.answers import NAMES, ONE_EACH, Answered, answered

#: Where little comes after the default layer, one in the middle, so that there is something to forget.
MIDWAY = {"efficientnet-lite0": "efficientnet.blocks.4", "movenet-lightning": "backbone.stage4"}
TOP = Target("first", "logits", 0, (0,))


class TwoLayers(nn.Module):
    """Two channels, the input and its negative; their means, weighed 3 and -1, are the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.Conv2d(1, 2, 1, bias=False)
        self.maps.weight.data = torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1)
        self.dense = nn.Linear(2, 1, bias=False)
        self.dense.weight.data = torch.tensor([[3.0, -1.0]])

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (self.dense(self.maps(x).clamp(min=0).mean(dim=(2, 3))),)


X = torch.tensor([[1.0, 2.0], [-4.0, 8.0]]).reshape(1, 1, 2, 2)


def test_grad_cam_is_the_one_computed_by_hand() -> None:
    # Three of four cells of channel 0 pass the clamp, each with gradient 3/4: its weight is 9/16. Channel 1 passes
    # at one cell with gradient -1/4: its weight is -1/16. The map is relu(9/16 x + 1/16 x), since channel 1 is -x.
    found = activation_map(TwoLayers().eval(), ("logits",), X, TOP, "maps", "grad-cam")
    np.testing.assert_allclose(found.values, np.maximum(X[0, 0].numpy() * 10 / 16, 0), rtol=1e-6)
    assert found.score == pytest.approx(3 * (1 + 2 + 8) / 4 - 4 / 4)


def test_layer_cam_is_the_one_computed_by_hand() -> None:
    # Every cell by its own positive gradient: 3/4 where channel 0 passes; channel 1 never speaks for the answer.
    found = activation_map(TwoLayers().eval(), ("logits",), X, TOP, "maps", "layer-cam")
    np.testing.assert_allclose(found.values, np.maximum(X[0, 0].numpy(), 0) * 0.75, rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_every_task_and_method_gives_a_map_and_leaves_no_trace(name: str) -> None:
    a = answered(name)
    layer = default_layer(a.spec, a.image)
    shape = tree_of(a.spec, a.image).find(layer).output_shape
    assert shape is not None
    for method in METHODS:
        found = explain(a.spec, a.image, a.target, layer, method)
        assert found.values.shape == shape[1:]
        assert np.isfinite(found.values).all()
        assert found.values.min() >= 0
        assert found.scaled.max() in (0, 1)
        # The inspected module is torch; predictions on a CPU come from an exported graph of it.
        assert found.score == pytest.approx(a.target.value(a.raw), rel=2e-3, abs=2e-3)
    assert explain(a.spec, a.image, a.target, layer).values.max() > 0
    assert hook_count(a.module) == 0
    assert not any(module.training for module in a.module.modules())
    assert not any(parameter.requires_grad for parameter in a.module.parameters())


@pytest.mark.parametrize("name", ["centernet", "nanodet"])
def test_what_speaks_for_a_box_lies_in_it(name: str) -> None:
    a = answered(name)
    assert isinstance(a.result, Detections)
    bus = int(np.flatnonzero(a.result.class_ids == a.spec.class_names.index("bus"))[0])
    target = box_target(a.spec, a.raw, a.result, bus)
    values = explain(a.spec, a.image, target, default_layer(a.spec, a.image)).values
    assert _share_inside(values, a.raw.letterboxes[0].to_input(a.result.xyxy[bus].reshape(2, 2)), a) > 0.7


def _share_inside(values: NDArray[np.float32], corners: NDArray[np.float32], a: Answered) -> float:
    input_h, input_w = a.raw.letterboxes[0].input_hw
    rows, columns = np.mgrid[: values.shape[0], : values.shape[1]] + 0.5
    x, y = columns * input_w / values.shape[1], rows * input_h / values.shape[0]
    (x0, y0), (x1, y1) = corners
    inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return float(values[inside].sum() / values.sum())


def test_another_class_gives_another_map() -> None:
    a = answered("efficientnet-lite0")
    layer = default_layer(a.spec, a.image)
    maps = [explain(a.spec, a.image, class_target(a.spec, i), layer).scaled for i in (967, 281)]
    assert np.abs(maps[0] - maps[1]).max() > 0.2


@pytest.mark.parametrize("name", ONE_EACH)
def test_a_network_that_has_forgotten_gives_another_map(name: str) -> None:
    a = answered(name)
    before = {key: value.clone() for key, value in a.module.state_dict().items()}
    layer = MIDWAY.get(name) or default_layer(a.spec, a.image)
    checked = sanity_check(a.spec, a.image, a.target, layer, default_method(a.spec))
    assert not np.allclose(checked.original.scaled, checked.randomised.scaled, atol=0.1)
    assert abs(checked.correlation) < 0.7
    assert all(torch.equal(value, before[key]) for key, value in a.module.state_dict().items())
    assert hook_count(a.module) == 0


def test_shuffling_keeps_the_numbers_and_all_earlier_layers() -> None:
    a = answered("efficientnet-lite0")
    tree = tree_of(a.spec, a.image)
    shuffled = with_later_layers_shuffled(a.module, tree, "efficientnet.blocks.3")
    was, now = dict(a.module.named_parameters()), dict(shuffled.named_parameters())
    moved = {key for key in was if not torch.equal(was[key], now[key])}
    assert "efficientnet.classifier.weight" in moved
    assert not [key for key in moved if key.startswith(("efficientnet.conv_stem", "efficientnet.blocks.3."))]
    for key in moved:
        assert torch.equal(was[key].flatten().sort().values, now[key].flatten().sort().values)
    with pytest.raises(UsageError, match="earlier"):
        with_later_layers_shuffled(a.module, tree, "efficientnet.classifier")


@pytest.mark.parametrize("method", list(METHODS))
def test_hooks_are_gone_after_failure(method: Method) -> None:
    a = answered("centernet")
    # How far the sides of a box are does not speak for its score.
    unrelated = "head.distances"
    with pytest.raises(UsageError, match="does not depend"):
        explain(a.spec, a.image, a.target, unrelated, method)
    with pytest.raises(UsageError, match="no layer"):
        explain(a.spec, a.image, a.target, "nose", method)
    assert hook_count(a.module) == 0


def test_a_failing_forward_pass_leaves_only_what_was_there() -> None:
    a = answered("fashion-nano")

    def fail(*_: object) -> None:
        raise MemoryError

    last = list(a.module.children())[-1]
    handle = last.register_forward_hook(fail)
    try:
        with pytest.raises(MemoryError):
            explain(a.spec, a.image, a.target, default_layer(a.spec, a.image))
        assert hook_count(a.module) == 1
    finally:
        handle.remove()


def test_rank_correlation_is_spearmans_over_the_cells_that_speak() -> None:
    random = np.random.default_rng(0)
    first, second = random.random((2, 9, 7)).astype(np.float32)
    first[0], second[0] = 0, 0
    expected = spearmanr(first[1:].ravel(), second[1:].ravel()).statistic
    assert rank_correlation(first, second) == pytest.approx(expected)
    assert rank_correlation(first, first) == pytest.approx(1)
    assert rank_correlation(first, np.zeros_like(first)) == 0


def test_a_flat_layer_is_refused() -> None:
    spec, image = REGISTRY.get("efficientnet-lite0"), load_sample("coffee")
    with pytest.raises(UsageError, match="no feature maps"):
        explain(spec, image, class_target(spec, 1), "efficientnet.classifier")
