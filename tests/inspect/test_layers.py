"""The layer tree: names, kinds, costs as torchinfo counts them, and a way through it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.errors import UsageError
from cvdemo.inspect.hooks import hook_count
from cvdemo.inspect.layers import LayerTree
from cvdemo.inspect.tree import layer_tree
from tests.inspect.networks import FAMILIES, of_registry, of_torchvision


def tree_of_family(family: str) -> tuple[nn.Module, LayerTree]:
    build, channels, side = FAMILIES[family]
    module = build().eval()
    return module, layer_tree(module, torch.zeros(1, channels, side, side))


@pytest.mark.parametrize("family", FAMILIES)
def test_costs_are_those_of_torchinfo(family: str) -> None:
    import torchinfo

    module, tree = tree_of_family(family)
    _, channels, side = FAMILIES[family]
    known = torchinfo.summary(module, (1, channels, side, side), verbose=0)
    assert tree.root.macs == pytest.approx(known.total_mult_adds, rel=0.01)
    assert tree.root.params == sum(parameter.numel() for parameter in module.parameters())
    assert sum(layer.macs for layer in tree.root.walk() if not layer.children) == pytest.approx(
        tree.root.macs, rel=0.01
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_names_and_shapes_are_those_of_the_module(family: str) -> None:
    module, tree = tree_of_family(family)
    _, channels, side = FAMILIES[family]
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                shapes.setdefault(name, tuple(output.shape[1:]))

        return hook

    handles = [child.register_forward_hook(note(name)) for name, child in module.named_modules()]
    with torch.no_grad():
        module(torch.zeros(1, channels, side, side))
    for handle in handles:
        handle.remove()
    assert hook_count(module) == 0
    found = {name: node.output_shape for name, node in tree.by_name.items() if node.outputs == 1 and ":" not in name}
    assert {name: shape for name, shape in found.items() if name in shapes} == shapes
    assert all(name.partition(":")[0] in dict(module.named_modules()) for name in tree.by_name)


def test_kinds_of_centernet() -> None:
    _, tree = tree_of_family("centernet")
    kinds = {name: tree.find(name).kind for name in ("", "backbone", "backbone.stage3", "head", "backbone.stem.conv")}
    assert kinds == {
        "": "network",
        "backbone": "part",
        "backbone.stage3": "stage",
        "head": "stage",
        "backbone.stem.conv": "layer",
    }
    assert tree.find("backbone.stage3.block2").kind == "block"
    assert tree.find("backbone.stage3.block2.squeeze_excite").kind == "block"


@pytest.mark.parametrize("family", FAMILIES)
def test_strip_of_stages_goes_from_picture_to_answer(family: str) -> None:
    _, tree = tree_of_family(family)
    strip = tree.stages(most=8)
    order = list(tree.by_name)
    assert 2 <= len(strip) <= 8
    assert [order.index(node.name) for node in strip] == sorted(order.index(node.name) for node in strip)
    assert all(node.is_map for node in strip)
    first, second, *_ = [node.stride for node in strip if node.stride]
    assert first <= second


def test_a_module_that_runs_twice_is_two_layers() -> None:
    _, tree = tree_of_family("nanodet")
    first, second = tree.find("neck.up"), tree.find("neck.up:2")
    assert first.output_shape is not None
    assert second.output_shape == (first.output_shape[0], 2 * first.output_shape[1], 2 * first.output_shape[2])


def test_what_does_not_run_is_left_out() -> None:
    tree = layer_tree(of_torchvision("googlenet")().eval(), torch.zeros(1, 3, 96, 96))
    assert not [name for name in tree.by_name if name.startswith("aux")]


class _Overwriting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.drop = nn.Dropout()
        self.last = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (self.last(self.drop(self.relu(self.conv(x)))),)


def test_overwritten_outputs_and_passed_on_tensors_are_told_apart() -> None:
    tree = layer_tree(_Overwriting().eval(), torch.zeros(1, 3, 8, 8))
    assert tree.find("conv").overwritten
    assert not tree.find("last").overwritten
    assert tree.find("relu").same_as is None
    assert tree.find("drop").same_as == "relu"
    assert tree.root.same_as == "last"


def test_stepping_and_searching() -> None:
    _, tree = tree_of_family("centernet")
    maps = [node.name for node in tree.maps]
    assert tree.step(maps[3], 1).name == maps[4]
    assert tree.step(maps[3], -1).name == maps[2]
    assert tree.step(maps[0], -1).name == maps[0]
    assert tree.step(maps[-1], 5).name == maps[-1]
    found = tree.search("stage3 DEPTHWISE conv2d")
    assert found
    assert all("stage3" in node.name and "depthwise" in node.name for node in found)
    assert tree.search("no such thing") == []
    with pytest.raises(UsageError, match="no layer 'stage9'"):
        tree.find("stage9")


def test_box_of_a_cell_grows_with_depth_and_refuses_cells_that_do_not_exist() -> None:
    module = of_registry("posenet")().eval()
    tree = layer_tree(module, torch.zeros(1, 3, 129, 129))
    early, late = tree.find("backbone.stem").field, tree.find("backbone.block9").field
    assert early is not None
    assert late is not None
    assert early.box(10, 10) == (19, 19, 22, 22)
    assert late.box(4, 4) == (0, 0, 129, 129)
    with pytest.raises(UsageError, match="9 x 9 cells"):
        late.box(9, 0)


class _Failing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv(x)).reshape(-5)


def test_no_hook_is_left_when_the_pass_fails() -> None:
    module = _Failing()
    with pytest.raises(RuntimeError):
        layer_tree(module, torch.zeros(1, 3, 8, 8))
    assert hook_count(module) == 0
