"""CenterNet on MobileNetV3: objects as peaks of a heatmap (arXiv 1904.07850; 610265158/mobilenetv3_centernet).

The published weights have batch-norm folded into the convolutions, and the input's normalisation into the stem.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.models.layers import Conv2dSame, ConvAct, UpsampleAsymmetric

NUM_CLASSES = 80
#: The published graph holds its 1/6 in half precision. What that leaves of the exact hard-swish must stay: without
#: it the answers drift by more than 1 % of their range after 20 layers.
HALF_PRECISION_SIXTH = 6 * 0.1666259765625


class Hardswish(nn.Module):
    """x * relu6(x + 3) / 6 (arXiv 1905.02244), with the graph's own 1/6."""

    def forward(self, x: Tensor) -> Tensor:
        return F.hardswish(x) * HALF_PRECISION_SIXTH


class Hardsigmoid(nn.Module):
    """relu6(x + 3) / 6, with the graph's own 1/6."""

    def forward(self, x: Tensor) -> Tensor:
        return F.hardsigmoid(x) * HALF_PRECISION_SIXTH


class SqueezeExcite(nn.Module):
    """Weigh every channel by a gate in 0..1 computed from the channels' means (arXiv 1709.01507)."""

    def __init__(self, channels: int, reduced: int, gate: nn.Module, gate_bias: bool = True) -> None:
        super().__init__()
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.reduce = ConvAct(channels, reduced, 1, act=nn.ReLU)
        self.expand = nn.Conv2d(reduced, channels, 1, bias=gate_bias)
        self.gate = gate

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(self.expand(self.reduce(self.mean(x))))


class InvertedResidual(nn.Module):
    """MobileNetV3's block (arXiv 1905.02244): widen, filter each channel, weigh the channels, narrow again.

    width: channels in the middle; equal to in_channels means that there is no widening. squeeze: channels inside
    squeeze-and-excite, 0 for none. The input is added to the output where their shapes agree.
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        squeeze: int = 0,
        act: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.has_shortcut = stride == 1 and in_channels == out_channels
        self.expand = ConvAct(in_channels, width, 1, act=act) if width != in_channels else nn.Identity()
        self.depthwise = ConvAct(width, width, kernel_size, stride, groups=width, act=act)
        self.squeeze_excite = SqueezeExcite(width, squeeze, Hardsigmoid()) if squeeze else nn.Identity()
        self.project = nn.Conv2d(width, out_channels, 1)

    def forward(self, x: Tensor, expanded: list[Tensor] | None = None) -> Tensor:
        """expanded: when given, the widened features are appended to it, for lateral connections."""
        wide = self.expand(x)
        if expanded is not None:
            expanded.append(wide)
        y = self.project(self.squeeze_excite(self.depthwise(wide)))
        return x + y if self.has_shortcut else y


class Stage(nn.Module):
    """Blocks at one resolution, named block1, block2, ..."""

    def __init__(self, *blocks: InvertedResidual) -> None:
        super().__init__()
        for number, block in enumerate(blocks, start=1):
            self.add_module(f"block{number}", block)

    def forward(self, x: Tensor, expanded: list[Tensor] | None = None) -> Tensor:
        """expanded: receives the widened features of every block, in order."""
        for block in self.children():
            x = block(x, expanded)
        return x


class MobileNetV3(nn.Module):
    """(N, 3, H, W) RGB 0..255 -> features at strides 4, 8, 16 and 32 with 72, 96, 88 and 480 channels."""

    def __init__(self) -> None:
        super().__init__()
        block, swish = InvertedResidual, Hardswish
        self.stem = ConvAct(3, 16, 3, stride=2, act=swish)
        self.stage1 = Stage(block(16, 16, 16))
        self.stage2 = Stage(block(16, 64, 24, stride=2), block(24, 72, 24))
        self.stage3 = Stage(
            block(24, 72, 32, 5, stride=2, squeeze=24),
            block(32, 96, 32, 5, squeeze=24),
            block(32, 96, 32, 5, squeeze=24),
        )
        self.stage4 = Stage(
            block(32, 192, 64, stride=2, act=swish),
            block(64, 160, 64, act=swish),
            block(64, 144, 64, act=swish),
            block(64, 144, 64, act=swish),
            block(64, 384, 88, squeeze=96, act=swish),
            block(88, 528, 88, squeeze=136, act=swish),
        )
        self.stage5 = Stage(
            block(88, 528, 120, 5, stride=2, squeeze=136, act=swish),
            block(120, 720, 120, 5, squeeze=184, act=swish),
            block(120, 720, 120, 5, squeeze=184, act=swish),
        )
        self.top = ConvAct(120, 480, 1, act=swish)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        expanded: list[Tensor] = []
        c3 = self.stage3(self.stage2(self.stage1(self.stem(x))), expanded)
        c4 = self.stage4(c3)
        return expanded[0], expanded[-1], c4, self.top(self.stage5(c4))


class SeparableConv(nn.Module):
    """Filter each channel, then mix the channels; no activation."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.depthwise = Conv2dSame(in_channels, in_channels, kernel_size, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))


class Lateral(nn.Module):
    """Bring a backbone feature map to the width the neck wants."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.reduce = ConvAct(in_channels, in_channels // 4, 1, act=nn.ReLU)
        self.separable = SeparableConv(in_channels // 4, out_channels, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.separable(self.reduce(x))


class Upsample(nn.Module):
    """Two separable convolutions of different reach, summed, at twice the resolution."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.near = SeparableConv(in_channels, out_channels, 3)
        self.far = SeparableConv(in_channels, out_channels, 5)
        self.resize = UpsampleAsymmetric()

    def forward(self, x: Tensor) -> Tensor:
        return self.resize(self.near(x) + self.far(x))


class Merge(nn.Module):
    """Join a fine and a coarse feature map: (N, F, 2h, 2w) and (N, C, h, w) -> (N, 2 * channels, 2h, 2w)."""

    def __init__(self, fine_channels: int, coarse_channels: int, channels: int) -> None:
        super().__init__()
        self.lateral = Lateral(fine_channels, channels)
        self.upsample = Upsample(coarse_channels, channels)
        self.act = nn.ReLU()

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        return self.act(torch.cat([self.lateral(fine), self.upsample(coarse)], dim=1))


class Neck(nn.Module):
    """From coarse to fine: features at strides 4, 8, 16, 32 -> one map of 128 channels at stride 4."""

    def __init__(self) -> None:
        super().__init__()
        self.merge4 = Merge(88, 480, 128)
        self.merge3 = Merge(96, 256, 96)
        self.merge2 = Merge(72, 192, 64)

    def forward(self, c2: Tensor, c3: Tensor, c4: Tensor, c5: Tensor) -> Tensor:
        return self.merge2(c2, self.merge3(c3, self.merge4(c4, c5)))


class Head(nn.Module):
    """The class heatmap and, for every cell, the distances to the four sides of a box around it."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = SqueezeExcite(128, 32, nn.Sigmoid(), gate_bias=False)
        self.heatmap = SeparableConv(128, NUM_CLASSES, 3)
        self.heatmap_act = nn.Sigmoid()
        self.distances = SeparableConv(128, 4, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.attention(x)
        return self.heatmap_act(self.heatmap(x)), self.distances(x)


class CenterNet(nn.Module):
    """(N, 3, H, W) float32 RGB 0..255, H and W multiples of 32 -> (heatmap, distances).

    heatmap: (N, 80, H/4, W/4), probability that an object of that COCO class has its centre in that cell.
    distances: (N, 4, H/4, W/4), input pixels from the cell's corner (4x, 4y) to the box's left, top, right, bottom.
    """

    def __init__(self) -> None:
        super().__init__()
        self.backbone = MobileNetV3()
        self.neck = Neck()
        self.head = Head()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        heatmap, distances = self.head(self.neck(*self.backbone(x)))
        return heatmap, distances
