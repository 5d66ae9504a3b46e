"""The U-Net as a torch module. The only place that knows segmentation_models_pytorch."""

from __future__ import annotations

import segmentation_models_pytorch as smp
from torch import Tensor, nn


class UNet(nn.Module):
    """U-Net (Ronneberger et al., 2015, arXiv 1505.04597) with an ImageNet-trained encoder.

    Input (N, 3, H, W) float32, H and W multiples of 32; output ((N, K, H, W) logits,). Encoder, decoder and head are
    those of segmentation_models_pytorch, with the names that they have there.
    """

    def __init__(self, encoder: str, classes: int) -> None:
        super().__init__()
        net = smp.Unet(encoder, encoder_weights=None, classes=classes)
        self.encoder = net.encoder
        self.decoder = net.decoder
        self.segmentation_head = net.segmentation_head
        # An activation that overwrites its input would overwrite what a hook on the layer before has kept.
        for module in self.modules():
            if isinstance(module, nn.ReLU | nn.ReLU6):
                module.inplace = False

    def forward(self, x: Tensor) -> tuple[Tensor]:
        features = self.encoder(x)
        return (self.segmentation_head(self.decoder(features)),)
