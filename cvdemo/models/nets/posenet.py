"""PoseNet: MobileNetV1 and the four maps of PersonLab (arXiv 1803.08225).

The published TensorFlow graph (Google, Apache-2.0, by way of posenet-python) with batch normalisation folded in.
"""

from __future__ import annotations

from torch import Tensor, nn

from cvdemo.models.layers import Conv2dSame
from cvdemo.models.nets.mobilenet import MobileNetV1

JOINTS = 17
EDGES = 16


class Head(nn.Module):
    """(N, C, h, w) -> four maps of the same size. Two-dimensional vectors are in pixels of the input: first the y of
    all joints or edges, then the x of all.

    heatmap: (N, 17, h, w), logits: this joint is within a few cells of here. offset: (N, 34, h, w), from the cell to
    the joint itself. displacement_fwd and displacement_bwd: (N, 32, h, w), from a joint to its neighbour along each of
    the 16 edges of the skeleton's tree, away from the nose and back.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heatmap = Conv2dSame(channels, JOINTS, 1)
        self.offset = Conv2dSame(channels, 2 * JOINTS, 1)
        self.displacement_fwd = Conv2dSame(channels, 2 * EDGES, 1)
        self.displacement_bwd = Conv2dSame(channels, 2 * EDGES, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.heatmap(x), self.offset(x), self.displacement_fwd(x), self.displacement_bwd(x)


class PoseNet(nn.Module):
    """(N, 3, H, W) RGB 0..255 -> the four maps of Head, (N, ..., ceil(H / 16), ceil(W / 16)).

    A cell (i, j) stands for the input pixel (16 i, 16 j), so that sizes 16 k + 1 are covered evenly.
    """

    def __init__(self) -> None:
        super().__init__()
        self.backbone = MobileNetV1()
        self.head = Head(384)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.head(self.backbone(x / 127.5 - 1.0))
