"""The project's own garment networks: residual ones."""

from __future__ import annotations

from torch import Tensor, nn

from cvdemo.models.nets.fashion.base import CLASSES, ConvUnit, GarmentNet, projection


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions that correct their input instead of replacing it (He et al., 2015)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else projection(inputs, outputs, stride)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        deep = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        return self.relu2(deep + self.shortcut(x))


class ResidualNet(GarmentNet):
    """A residual network for 28x28: a stem, then stages of residual blocks.

    widths: channels of the stem and of every stage. depths: blocks in every stage. strides: of every stage's first
    block; 2 halves the maps.
    """

    def __init__(
        self, widths: tuple[int, ...], depths: tuple[int, ...], strides: tuple[int, ...], dropout: float
    ) -> None:
        super().__init__()
        self.stem = ConvUnit(1, widths[0], 3)
        self.stages = nn.Sequential()
        for index, (depth, stride) in enumerate(zip(depths, strides, strict=True), 1):
            stage = nn.Sequential()
            stage.add_module("block1", ResidualBlock(widths[index - 1], widths[index], stride))
            for block in range(2, depth + 1):
                stage.add_module(f"block{block}", ResidualBlock(widths[index], widths[index], 1))
            self.stages.add_module(f"stage{index}", stage)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(widths[-1], CLASSES)

    def embed(self, x: Tensor) -> Tensor:
        return self.dropout(self.stages(self.stem(x)).mean((2, 3)))
