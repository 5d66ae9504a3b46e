"""FCN-8s as a torch module."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.models.nets.encoder import build_encoder, without_inplace


class FCN(nn.Module):
    """FCN-8s (Long, Shelhamer and Darrell, 2015, arXiv 1411.4038) on the U-Net's encoder.

    Classes are scored by 1x1 convolutions at strides 32, 16 and 8; each coarser score is enlarged and added to the
    finer one, and the sum is enlarged eight times. Enlarging is bilinear: there is no decoder to learn.
    Input (N, 3, H, W) float32, H and W multiples of 32; output ((N, K, H, W) logits,).
    """

    def __init__(self, encoder: str, classes: int) -> None:
        super().__init__()
        self.encoder = build_encoder(encoder)
        _, _, _, stride8, stride16, stride32 = self.encoder.out_channels  # type: ignore[misc]
        self.score32 = nn.Conv2d(stride32, classes, 1)
        self.score16 = nn.Conv2d(stride16, classes, 1)
        self.score8 = nn.Conv2d(stride8, classes, 1)
        without_inplace(self)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        features = self.encoder(x)
        scores = self.score32(features[5])
        scores = self.score16(features[4]) + _enlarge(scores, 2)
        scores = self.score8(features[3]) + _enlarge(scores, 2)
        return (_enlarge(scores, 8),)


def _enlarge(maps: Tensor, factor: int) -> Tensor:
    return F.interpolate(maps, scale_factor=float(factor), mode="bilinear", align_corners=False)
