"""MoveNet for one person (Google, 2021, Apache-2.0): MobileNetV2, a feature pyramid and four CenterNet heads.

The heads follow "Objects as Points" (arXiv 1904.07850). The person is the best peak of the centre heatmap, the
middle of the input preferred; the joints are regressed from there, and each is then moved to the peak of its own
heatmap that lies near the regressed place.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.models.layers import Conv2dSame
from cvdemo.models.nets.mobilenet import MobileNetV2, Widths

JOINTS = 17
STRIDE = 4
THUNDER = Widths(56, 32, 40, 56, 112, 168, 280, 560)
LIGHTNING = Widths(32, 16, 24, 32, 64, 96, 160, 320)


def half(value: float) -> float:
    """The value rounded to half precision, as the constants of the published graphs are."""
    return float(np.float16(value))


def normalise(x: Tensor) -> Tensor:
    """Colours 0..255 -> -1..1."""
    return x * half(1 / 127.5) - 1.0


class SeparableConv(nn.Module):
    """Depthwise 3x3 without bias, pointwise 1x1 with bias, ReLU; the size stays."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.depthwise = Conv2dSame(channels_in, channels_in, 3, groups=channels_in, bias=False)
        self.pointwise = Conv2dSame(channels_in, channels_out, 1)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.pointwise(self.depthwise(x)))


def doubled(x: Tensor) -> Tensor:
    """Twice the height and width, bilinear."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class FeaturePyramid(nn.Module):
    """Feature pyramid (arXiv 1612.03144): the four maps of the backbone -> (N, 24, H / 4, W / 4)."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.lateral32 = Conv2dSame(1280, 64, 1)
        self.lateral16 = Conv2dSame(widths.stage4, 64, 1)
        self.lateral8 = Conv2dSame(widths.stage3, 32, 1)
        self.lateral4 = Conv2dSame(widths.stage2, 24, 1)
        self.smooth16 = SeparableConv(64, 32)
        self.smooth8 = SeparableConv(32, 24)
        self.smooth4 = SeparableConv(24, 24)

    def forward(self, stride4: Tensor, stride8: Tensor, stride16: Tensor, stride32: Tensor) -> Tensor:
        x = self.smooth16(doubled(self.lateral32(stride32)) + self.lateral16(stride16))
        x = self.smooth8(doubled(x) + self.lateral8(stride8))
        return self.smooth4(doubled(x) + self.lateral4(stride4))


class Branch(nn.Module):
    """One prediction for every cell: (N, 24, h, w) -> (N, channels, h, w); a heatmap lies in 0..1."""

    def __init__(self, channels: int, heatmap: bool = False) -> None:
        super().__init__()
        self.features = SeparableConv(24, 96)
        self.predict = Conv2dSame(96, channels, 1)
        self.act: nn.Module = nn.Sigmoid() if heatmap else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.predict(self.features(x)))


class Head(nn.Module):
    """What is said about every cell: (N, 24, h, w) -> four maps of the same size. Vectors are (y, x) in cells.

    center_heatmap: (N, 1, h, w), a person's middle is here. keypoint_heatmap: (N, 17, h, w), this joint is here.
    keypoint_regression: (N, 34, h, w), from a person's middle to the 17 joints. keypoint_offset: (N, 34, h, w),
    from the cell's corner to the joint that lies in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.center_heatmap = Branch(1, heatmap=True)
        self.keypoint_heatmap = Branch(JOINTS, heatmap=True)
        self.keypoint_regression = Branch(2 * JOINTS)
        self.keypoint_offset = Branch(2 * JOINTS)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return (
            self.center_heatmap(x),
            self.keypoint_heatmap(x),
            self.keypoint_regression(x),
            self.keypoint_offset(x),
        )


def center_preference(side: int) -> Tensor:
    """(side, side): 1 / (distance from the middle + 1.8), in cells."""
    axis = np.arange(side, dtype=np.float32) - side / 2
    preference = 1 / (np.hypot(axis[:, None], axis[None, :]) + 1.8)
    return torch.from_numpy(preference.astype(np.float16).astype(np.float32))


class MoveNet(nn.Module):
    """(N, 3, side, side) RGB 0..255 -> one tensor (N, 17, 3): y, x as parts of the side, score in 0..1.

    Every item of the batch is one person's crop. side: a multiple of 32.
    """

    center_preference: Tensor

    def __init__(self, widths: Widths, side: int) -> None:
        super().__init__()
        self.backbone = MobileNetV2(widths)
        self.fpn = FeaturePyramid(widths)
        self.head = Head()
        self.register_buffer("center_preference", center_preference(side // STRIDE), persistent=False)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        maps = self.head(self.fpn(*self.backbone(normalise(x))))
        return (self.locate(*(each.float() for each in maps)),)

    def locate(self, center: Tensor, heatmap: Tensor, regression: Tensor, offset: Tensor) -> Tensor:
        """The maps of the head -> (N, 17, 3)."""
        side = heatmap.shape[-1]
        start = (center[:, 0] * self.center_preference).flatten(1).argmax(1, keepdim=True)  # (N, 1) cell
        vectors = regression.flatten(2).gather(2, start[:, :, None].expand(-1, 2 * JOINTS, -1))
        vectors = vectors.reshape(-1, JOINTS, 2)
        guess_y = (start // side).float() + vectors[..., 0]  # (N, 17)
        guess_x = (start % side).float() + vectors[..., 1]

        axis = torch.arange(side, device=heatmap.device, dtype=heatmap.dtype)
        square_y = (axis - guess_y[..., None]) ** 2  # (N, 17, side)
        square_x = (axis - guess_x[..., None]) ** 2
        distance = torch.sqrt(square_y[..., :, None] + square_x[..., None, :])
        flat = heatmap.flatten(2)
        cell = (flat / (distance + half(1.8)).flatten(2)).argmax(2, keepdim=True)  # (N, 17, 1)

        score = flat.gather(2, cell)
        within = offset.reshape(-1, JOINTS, 2, side * side).gather(3, cell[:, :, None].expand(-1, -1, 2, -1))
        y = ((cell // side).float() + within[:, :, 0]) * half(1 / side)
        x = ((cell % side).float() + within[:, :, 1]) * half(1 / side)
        return torch.cat([y, x, score], dim=2)
