"""The U-Net as a torch module."""

from __future__ import annotations

from torch import Tensor, nn

from cvdemo.models.nets.encoder import unet_parts, without_inplace

WIDTHS = (256, 128, 64, 32, 16)


class UNet(nn.Module):
    """U-Net (Ronneberger et al., 2015, arXiv 1505.04597) with an ImageNet-trained encoder.

    Input (N, 3, H, W) float32, H and W multiples of 32; output ((N, K, H, W) logits,). Encoder, decoder and head are
    those of segmentation_models_pytorch, with the names that they have there. widths: channels of the decoder's
    stages; with four of them it ends at stride 2, and the logits are enlarged twice.
    """

    def __init__(self, encoder: str, classes: int, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.encoder, self.decoder, self.segmentation_head = unet_parts(encoder, classes, widths)
        without_inplace(self)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        features = self.encoder(x)
        return (self.segmentation_head(self.decoder(features)),)
