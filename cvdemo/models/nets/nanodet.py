"""NanoDet-g: three grids of cells, each of which predicts classes and a box (RangiLyu/nanodet, Apache-2.0).

The backbone is a small cross-stage-partial net (arXiv 1911.11929), the neck a path aggregation net (arXiv
1803.01534), the head predicts distances as distributions (Generalized Focal Loss, arXiv 2006.04388). The published
weights have batch-norm folded into the convolutions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

NUM_CLASSES = 80
#: Each of a box's four distances is a distribution over 0..10 strides.
NUM_BINS = 11
STRIDES = (8, 16, 32)


class ConvAct(nn.Module):
    """3 x 3 convolution and leaky ReLU."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1)
        self.act = nn.LeakyReLU(0.1)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv(x))


class Stem(nn.Module):
    """A quarter of the resolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = ConvAct(3, channels, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(self.conv(x))


class DenseBlock(nn.Module):
    """Two convolutions, each of half the channels; both results go on."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = ConvAct(channels, channels // 2)
        self.conv2 = ConvAct(channels // 2, channels // 2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)
        return torch.cat([self.conv2(y), y], dim=1)


class Stage(nn.Module):
    """Part of the features takes the long way through the blocks, part goes straight: C channels -> 2 C."""

    def __init__(self, channels: int, blocks: int, stride: int = 2) -> None:
        super().__init__()
        self.entry = ConvAct(channels, channels, stride)
        self.blocks = nn.Sequential()
        for number in range(1, blocks + 1):
            self.blocks.add_module(f"block{number}", DenseBlock(channels))
        self.exit = ConvAct(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.entry(x)
        return torch.cat([self.exit(self.blocks(x)), x], dim=1)


class CspNet(nn.Module):
    """(N, 3, H, W) -> features at strides 8, 16 and 32 with 128, 256 and 512 channels."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Stem(32)
        self.stage1 = Stage(32, blocks=1, stride=1)
        self.stage2 = Stage(64, blocks=2)
        self.stage3 = Stage(128, blocks=2)
        self.stage4 = Stage(256, blocks=3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c3 = self.stage2(self.stage1(self.stem(x)))
        c4 = self.stage3(c3)
        return c3, c4, self.stage4(c4)


class PathAggregation(nn.Module):
    """Carry what the coarse grids know to the fine ones, then back: all levels get 128 channels."""

    def __init__(self, channels: int = 128) -> None:
        super().__init__()
        self.lateral8 = nn.Conv2d(128, channels, 1)
        self.lateral16 = nn.Conv2d(256, channels, 1)
        self.lateral32 = nn.Conv2d(512, channels, 1)
        self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        # Half the resolution by bilinear interpolation is the mean of 2 x 2 cells.
        self.down = nn.AvgPool2d(2)

    def forward(self, c3: Tensor, c4: Tensor, c5: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        p32 = self.lateral32(c5)
        p16 = self.lateral16(c4) + self.up(p32)
        p8 = self.lateral8(c3) + self.up(p16)
        p16 = p16 + self.down(p8)
        return p8, p16, p32 + self.down(p16)


class GridHead(nn.Module):
    """One grid's predictions: class probabilities, and the logits of the distances' distributions."""

    def __init__(self, channels: int = 128) -> None:
        super().__init__()
        self.conv = ConvAct(channels, channels)
        self.scores = nn.Conv2d(channels, NUM_CLASSES, 1)
        self.scores_act = nn.Sigmoid()
        self.distances = nn.Conv2d(channels, 4 * NUM_BINS, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.conv(x)
        return self.scores_act(self.scores(x)), self.distances(x)


class Head(nn.Module):
    """The same kind of head on each of the three grids, with weights of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.grid8 = GridHead()
        self.grid16 = GridHead()
        self.grid32 = GridHead()

    def forward(self, p8: Tensor, p16: Tensor, p32: Tensor) -> tuple[Tensor, ...]:
        return *self.grid8(p8), *self.grid16(p16), *self.grid32(p32)


class NanoDet(nn.Module):
    """(N, 3, H, W) float32 BGR, normalised, H and W multiples of 32 -> scores and distances of each grid.

    In the order of the strides 8, 16, 32: scores (N, 80, H/stride, W/stride), probabilities of the COCO classes;
    distances (N, 44, H/stride, W/stride), logits over 11 bins for each of left, top, right, bottom, in strides from the
    cell's centre.
    """

    def __init__(self) -> None:
        super().__init__()
        self.backbone = CspNet()
        self.neck = PathAggregation()
        self.head = Head()

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        outputs: tuple[Tensor, ...] = self.head(*self.neck(*self.backbone(x)))
        return outputs
