"""The computed receptive field against the empirical one: which input pixels have a gradient of a cell."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from cvdemo.inspect.hooks import hook_count, watching
from cvdemo.inspect.layers import LayerTree
from cvdemo.inspect.tree import layer_tree
from tests.inspect.networks import FAMILIES, linear, make_positive, of_timm, of_torchvision

Box = tuple[int, int, int, int]


def empirical_boxes(module: nn.Module, image: Tensor, cells: dict[str, list[tuple[int, int]]]) -> dict[str, list[Box]]:
    """(x0, y0, x1, y1) of the pixels on which the sum over the channels of each layer's cells depends."""
    maps: dict[str, Tensor] = {}

    def keep(layer: str, output: Tensor) -> None:
        maps[layer] = output

    with linear(), watching(module, cells, keep):
        module(image)
    found: dict[str, list[Box]] = {}
    for layer, wanted in cells.items():
        for row, column in wanted:
            (gradient,) = torch.autograd.grad(maps[layer][0, :, row, column].sum(), image, retain_graph=True)
            rows, columns = gradient[0].abs().amax(0).nonzero(as_tuple=True)
            if not len(rows):  # padding only
                found.setdefault(layer, []).append((0, 0, 0, 0))
                continue
            box = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
            found.setdefault(layer, []).append(box)
    return found


def chosen_cells(tree: LayerTree, count: int) -> dict[str, list[tuple[int, int]]]:
    """First and last corner and an uneven cell of so many maps, spread from first to last."""
    maps = tree.maps
    names = [maps[round(i * (len(maps) - 1) / (count - 1))].name for i in range(count)]
    cells = {}
    for name in names:
        _, height, width = tree.find(name).output_shape or (0, 0, 0)
        corners = [(0, 0), (height - 1, width - 1), (height // 3, (2 * width) // 3)]
        cells[name] = list(dict.fromkeys(corners))
    return cells


@pytest.mark.parametrize("family", FAMILIES)
def test_field_of_every_family_equals_the_empirical_one(family: str) -> None:
    build, channels, side = FAMILIES[family]
    module = make_positive(build())
    tree = layer_tree(module, torch.ones(1, channels, side, side, dtype=torch.float64))
    assert not tree.guesses
    assert hook_count(module) == 0
    cells = chosen_cells(tree, 10)
    image = torch.ones(1, channels, side, side, dtype=torch.float64, requires_grad=True)
    for layer, boxes in empirical_boxes(module, image, cells).items():
        field = tree.find(layer).field
        assert field is not None
        computed = [field.box(row, column, gates=True) for row, column in cells[layer]]
        assert computed == boxes, layer


@pytest.mark.parametrize(
    ("build", "layer", "size"),
    [
        (of_torchvision("alexnet"), "features.12", 195),
        (of_torchvision("vgg16"), "features.30", 212),
        (of_timm("mobilenetv1_100"), "blocks", 315),
        (of_torchvision("inception_v3"), "Mixed_7c", 1311),
    ],
)
def test_sizes_published_by_araujo_et_al(build: object, layer: str, size: int) -> None:
    """Table of "Computing Receptive Fields of Convolutional Neural Networks" (Distill, 2019)."""
    assert callable(build)
    tree = layer_tree(build().eval(), torch.zeros(1, 3, 224, 224))
    found = tree.find(layer).field
    assert found is not None
    assert found.size_hw == (size, size)
