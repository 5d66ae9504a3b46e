"""Layers that networks from TensorFlow need and torch lacks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Pixels to add before and after an axis so that ceil(size / stride) results come out.

    TensorFlow's 'SAME': an odd sum puts the extra pixel after, which torch's symmetric padding cannot do.
    """
    total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


class Conv2dSame(nn.Conv2d):
    """nn.Conv2d with TensorFlow's 'SAME' padding: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).

    The kernel is square and odd. With stride 1 the padding is symmetric and left to nn.Conv2d. An export fixes the
    padding for the size it was traced with.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        padding = dilation * (kernel_size - 1) // 2 if stride == 1 else 0
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups=groups, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        if self.stride[0] > 1:
            height, width = input.shape[-2:]
            top, bottom = same_padding(int(height), self.kernel_size[0], self.stride[0], self.dilation[0])
            left, right = same_padding(int(width), self.kernel_size[1], self.stride[1], self.dilation[1])
            # Without the value ONNX Runtime does not merge the padding into the convolution.
            input = F.pad(input, (left, right, top, bottom), value=0.0)
        return super().forward(input)


class ConvAct(nn.Module):
    """Conv2dSame and its activation (batch-norm, where there was one, is folded into the convolution)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        groups: int = 1,
        act: type[nn.Module] = nn.ReLU6,
    ) -> None:
        super().__init__()
        self.conv = Conv2dSame(in_channels, out_channels, kernel_size, stride, groups=groups)
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv(x))


class UpsampleAsymmetric(nn.Module):
    """Twice the resolution by linear interpolation with pixel i at 2i: (N, C, h, w) -> (N, C, 2h, 2w).

    TensorFlow's ResizeBilinear without half_pixel_centers, which is ONNX's 'asymmetric'. torch has only half-pixel
    and aligned corners; with one more row and column, aligned corners give the same values.
    """

    def forward(self, x: Tensor) -> Tensor:
        if torch.onnx.is_in_onnx_export():
            upsampled: Tensor = _AsymmetricResize.apply(x)
            return upsampled
        return _upsample_asymmetric(x)


def _upsample_asymmetric(x: Tensor) -> Tensor:
    height, width = x.shape[-2:]
    padded = F.pad(x, (0, 1, 0, 1), mode="replicate")
    size = (2 * height + 1, 2 * width + 1)
    return F.interpolate(padded, size, mode="bilinear", align_corners=True)[..., :-1, :-1]


class _AsymmetricResize(torch.autograd.Function):
    """The same as one ONNX node, for exports."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return _upsample_asymmetric(x)

    @staticmethod
    def symbolic(g: Any, x: Any) -> Any:
        scales = g.op("Constant", value_t=torch.tensor([1.0, 1.0, 2.0, 2.0]))
        empty = g.op("Constant", value_t=torch.tensor([], dtype=torch.float32))
        return g.op("Resize", x, empty, scales, mode_s="linear", coordinate_transformation_mode_s="asymmetric")
