"""Layers that TensorFlow networks need and torch lacks."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Pixels to add before and after an axis so that ceil(size / stride) results come out.

    TensorFlow's 'SAME': when the sum is odd, the extra pixel goes after, which torch's symmetric padding cannot do.
    """
    total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


class Conv2dSame(nn.Conv2d):
    """nn.Conv2d with TensorFlow's 'SAME' padding: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).

    The kernel is square and odd. With stride 1 the padding is symmetric and left to nn.Conv2d.
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
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation=dilation, groups=groups, bias=bias
        )

    def forward(self, input: Tensor) -> Tensor:
        if self.stride[0] > 1:
            height, width = int(input.shape[-2]), int(input.shape[-1])
            top, bottom = same_padding(height, self.kernel_size[0], self.stride[0], self.dilation[0])
            left, right = same_padding(width, self.kernel_size[1], self.stride[1], self.dilation[1])
            input = F.pad(input, (left, right, top, bottom))
        return super().forward(input)
