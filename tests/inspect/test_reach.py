"""One operation at a time: the computed field against the gradient, also where no network of ours would tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.inspect.layers import ReceptiveField
from cvdemo.inspect.tree import layer_tree
from tests.inspect.networks import make_positive
from tests.inspect.test_receptive_field import empirical_boxes


class Around(nn.Module):
    """A convolution, an operation, a convolution: fields larger than a pixel before it, all channels mixed after it."""

    def __init__(self, operation: Callable[[Tensor], Tensor], channels: int) -> None:
        super().__init__()
        self.before = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.operation = operation
        self.after = nn.Conv2d(channels, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.after(self.operation(self.before(x)))
        return out


def transposed(x: Tensor) -> Tensor:
    return F.conv_transpose2d(x, torch.full((8, 8, 3, 3), 0.1, dtype=x.dtype), stride=2, padding=1, output_padding=1)


def shuffled(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


def grouped(x: Tensor) -> Tensor:
    """Channels with fields of different size, half of them thrown away."""
    far = F.avg_pool2d(x[:, :4], 5, 1, 2)
    both = F.conv2d(torch.cat([far, x[:, 4:]], 1), torch.full((8, 4, 1, 1), 0.1, dtype=x.dtype), groups=2)
    return both[:, 4:]


def in_place(x: Tensor) -> Tensor:
    y = F.avg_pool2d(x, 3, 1, 1)
    y += x
    return y.mul_(2)


def gated(x: Tensor) -> Tensor:
    return x * x.mean((2, 3), keepdim=True)


def attended(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    cells = x.flatten(2).transpose(1, 2)
    mixed = torch.bmm(cells, cells.transpose(1, 2)) @ cells
    return mixed.transpose(1, 2).reshape(n, c, h, w)


def unfolded(x: Tensor) -> Tensor:
    """As YOLO's Focus layer: every other row and column, side by side."""
    return torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)


OPERATIONS: dict[str, tuple[Callable[[Tensor], Tensor], int]] = {
    "pooling with ceil": (lambda x: F.avg_pool2d(x, 3, 2, 0, ceil_mode=True), 8),
    "uneven padding": (lambda x: F.pad(x, (2, 0, 1, 3)), 8),
    "cropping": (lambda x: F.pad(x, (-2, 0, 0, -1)), 8),
    "reflection": (lambda x: F.pad(x, (2, 1, 1, 2), mode="reflect"), 8),
    "replication": (lambda x: F.pad(x, (2, 1, 1, 2), mode="replicate"), 8),
    "more channels by padding": (lambda x: F.pad(x, (0, 0, 0, 0, 2, 2)), 12),
    "nearest": (lambda x: F.interpolate(x, scale_factor=2), 8),
    "bilinear": (lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), 8),
    "bilinear to a size": (lambda x: F.interpolate(x, (17, 9), mode="bilinear"), 8),
    "bilinear with corners": (lambda x: F.interpolate(x, (21, 21), mode="bilinear", align_corners=True), 8),
    "bicubic": (lambda x: F.interpolate(x, scale_factor=2, mode="bicubic"), 8),
    "smoothed shrinking": (lambda x: F.interpolate(x, (5, 5), mode="bilinear", antialias=True), 8),
    "adaptive pooling": (lambda x: F.adaptive_avg_pool2d(x, (3, 5)), 8),
    "transposed convolution": (transposed, 8),
    "pixel shuffle": (lambda x: F.pixel_shuffle(x, 2), 2),
    "slices": (lambda x: x[:, 2:6, 1:, ::2], 4),
    "split": (lambda x: torch.cat([x.chunk(2, 1)[1], F.avg_pool2d(x.chunk(2, 1)[0], 3, 1, 1)], 1), 8),
    "channel shuffle": (shuffled, 8),
    "groups": (grouped, 4),
    "focus": (unfolded, 32),
    "in place": (in_place, 8),
    "gate": (gated, 8),
    "attention": (attended, 8),
    "rows and columns swapped": (lambda x: x.transpose(2, 3), 8),
    "response normalisation": (lambda x: F.local_response_norm(x, 3), 8),
    "roll": (lambda x: torch.roll(x, 3, 2), 8),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_field_of_an_operation_equals_the_empirical_one(name: str) -> None:
    operation, channels = OPERATIONS[name]
    module = make_positive(Around(operation, channels))
    image = torch.ones(1, 3, 24, 20, dtype=torch.float64, requires_grad=True)
    tree = layer_tree(module, image.detach())
    assert not tree.guesses
    node = tree.find("after")
    assert node.output_shape is not None
    _, height, width = node.output_shape
    cells = [(row, column) for row in range(height) for column in (0, width // 2, width - 1)]
    cells += [(height // 2, column) for column in range(width)]
    expected = empirical_boxes(module, image, {"after": cells})["after"]
    if node.field is None:
        assert name == "rows and columns swapped"
        return
    if name == "roll":  # a cell sees both ends: the box is around all of it
        assert all(_holds(node.field, cell, box) for cell, box in zip(cells, expected, strict=True))
        return
    assert [node.field.box(*cell, gates=True) for cell in cells] == expected


def _holds(field: ReceptiveField, cell: tuple[int, int], box: tuple[int, int, int, int]) -> bool:
    x0, y0, x1, y1 = field.box(*cell, gates=True)
    return x0 <= box[0] and y0 <= box[1] and x1 >= box[2] and y1 >= box[3]


def test_a_gate_widens_only_what_includes_it() -> None:
    tree = layer_tree(make_positive(Around(gated, 8)), torch.ones(1, 3, 26, 22, dtype=torch.float64))
    found = tree.find("after").field
    assert found is not None
    assert found.gated
    assert found.size_hw == (7, 7)
    assert found.box(5, 5) == (7, 7, 14, 14)
    assert found.box(5, 5, gates=True) == (0, 0, 22, 26)


def test_an_unknown_operation_is_named_and_taken_to_see_everything() -> None:
    tree = layer_tree(
        make_positive(Around(lambda x: torch.linalg.qr(x).R.reshape(1, 8, 11, 11), 8)),
        torch.rand(1, 3, 26, 22, dtype=torch.float64),
    )
    assert tree.guesses
    assert tree.find("after").output_shape == (2, 11, 11)


@pytest.mark.parametrize("stride", [1, 2])
def test_size_without_a_border_is_that_of_a_cell_far_from_it(stride: int) -> None:
    convolutions = nn.Conv2d(3, 4, 7, stride, 3), nn.Conv2d(4, 4, 5, 1, 2), nn.Conv2d(4, 4, 3, 1, 4, dilation=4)
    module = nn.Sequential(*convolutions)
    inside = layer_tree(module, torch.zeros(1, 3, 96, 96)).find("2").field
    border = layer_tree(module, torch.zeros(1, 3, 8, 8)).find("2").field
    assert inside is not None
    assert border is not None
    x0, y0, x1, y1 = inside.box(24, 24)
    assert inside.size_hw == border.size_hw == (y1 - y0, x1 - x0)
    assert inside.start_hw == (y0 - 24 * stride, x0 - 24 * stride)
