"""The backbones of MoveNet and PoseNet, with batch normalisation folded into the convolutions, as published.

MobileNetV1: arXiv 1704.04861. MobileNetV2: arXiv 1801.04381.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from cvdemo.models.layers import Conv2dSame, ConvAct


class DepthwiseSeparable(nn.Module):
    """The block of MobileNetV1: a 3x3 filter on every channel alone, then a 1x1 mixture of the channels."""

    def __init__(self, channels_in: int, channels_out: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = ConvAct(channels_in, channels_in, 3, stride, groups=channels_in)
        self.pointwise = ConvAct(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))


class InvertedResidual(nn.Module):
    """The block of MobileNetV2: widen by 1x1, filter by depthwise 3x3, narrow by 1x1, add the input where it fits.

    expand is nn.Identity where the block does not widen (expansion 1).
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = channels_in * expansion
        self.expand: nn.Module = ConvAct(channels_in, hidden, 1) if expansion > 1 else nn.Identity()
        self.depthwise = ConvAct(hidden, hidden, 3, stride, groups=hidden)
        self.project = Conv2dSame(hidden, channels_out, 1)
        self.adds_input = stride == 1 and channels_in == channels_out

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.adds_input else y


class Widths(NamedTuple):
    """Channels of a MobileNetV2: of the stem and of its seven stages."""

    stem: int
    stage1: int
    stage2: int
    stage3: int
    stage4: int
    stage5: int
    stage6: int
    stage7: int


def inverted_residuals(
    channels_in: int, channels_out: int, blocks: int, stride: int, expansion: int = 6
) -> nn.Sequential:
    """One stage of MobileNetV2: block1 has the stride, block2 and on keep the size and add their input."""
    stage = nn.Sequential()
    stage.add_module("block1", InvertedResidual(channels_in, channels_out, stride, expansion))
    for number in range(2, blocks + 1):
        stage.add_module(f"block{number}", InvertedResidual(channels_out, channels_out, 1, expansion))
    return stage


class MobileNetV2(nn.Module):
    """(N, 3, H, W) in -1..1 -> the maps at strides 4, 8, 16 and 32, of widths stage2, stage3, stage4 and 1280."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.stem = ConvAct(3, widths.stem, 3, stride=2)
        self.stage1 = inverted_residuals(widths.stem, widths.stage1, blocks=1, stride=1, expansion=1)
        self.stage2 = inverted_residuals(widths.stage1, widths.stage2, blocks=2, stride=2)
        self.stage3 = inverted_residuals(widths.stage2, widths.stage3, blocks=3, stride=2)
        self.stage4 = inverted_residuals(widths.stage3, widths.stage4, blocks=4, stride=2)
        self.stage5 = inverted_residuals(widths.stage4, widths.stage5, blocks=3, stride=1)
        self.stage6 = inverted_residuals(widths.stage5, widths.stage6, blocks=3, stride=2)
        self.stage7 = inverted_residuals(widths.stage6, widths.stage7, blocks=1, stride=1)
        self.top = ConvAct(widths.stage7, 1280, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        stride4 = self.stage2(self.stage1(self.stem(x)))
        stride8 = self.stage3(stride4)
        stride16 = self.stage4(stride8)
        stride32 = self.top(self.stage7(self.stage6(self.stage5(stride16))))
        return stride4, stride8, stride16, stride32


class MobileNetV1(nn.Module):
    """(N, 3, H, W) in -1..1 -> (N, 384, H / 16, W / 16).

    Three quarters of the paper's widths, the last stage kept at 384; the paper's last stride is left out, so that
    the maps stay fine enough to tell joints apart.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvAct(3, 24, 3, stride=2)
        self.block1 = DepthwiseSeparable(24, 48)
        self.block2 = DepthwiseSeparable(48, 96, stride=2)
        self.block3 = DepthwiseSeparable(96, 96)
        self.block4 = DepthwiseSeparable(96, 192, stride=2)
        self.block5 = DepthwiseSeparable(192, 192)
        self.block6 = DepthwiseSeparable(192, 384, stride=2)
        self.block7 = DepthwiseSeparable(384, 384)
        self.block8 = DepthwiseSeparable(384, 384)
        self.block9 = DepthwiseSeparable(384, 384)
        self.block10 = DepthwiseSeparable(384, 384)
        self.block11 = DepthwiseSeparable(384, 384)
        self.block12 = DepthwiseSeparable(384, 384)
        self.block13 = DepthwiseSeparable(384, 384)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block2(self.block1(self.stem(x)))
        x = self.block4(self.block3(x))
        x = self.block6(self.block5(x))
        x = self.block10(self.block9(self.block8(self.block7(x))))
        return self.block13(self.block12(self.block11(x)))
