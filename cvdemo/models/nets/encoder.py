"""The ImageNet encoder that U-Net and FCN share. The only place that knows segmentation_models_pytorch."""

from __future__ import annotations

import segmentation_models_pytorch as smp
from torch import nn


def without_inplace(network: nn.Module) -> None:
    """An activation that overwrites its input would overwrite what a hook on the layer before has kept."""
    for module in network.modules():
        if isinstance(module, nn.ReLU | nn.ReLU6):
            module.inplace = False


def unet_parts(encoder: str, classes: int, widths: tuple[int, ...]) -> tuple[nn.Module, nn.Module, nn.Module]:
    """Encoder, decoder and head of segmentation_models_pytorch's U-Net, without weights.

    widths: channels of the decoder's stages, each of which doubles the map. Five undo all halvings of the encoder; with
    four the decoder ends at stride 2, where the last skip connection comes in, and the head enlarges bilinearly.
    """
    from segmentation_models_pytorch.base import SegmentationHead
    from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder

    body = build_encoder(encoder)
    decoder = UnetDecoder(body.out_channels, widths, n_blocks=len(widths))
    return body, decoder, SegmentationHead(widths[-1], classes, upsampling=2 ** (5 - len(widths)))


def build_encoder(encoder: str) -> nn.Module:
    """The encoder alone: (N, 3, H, W) -> maps at strides 1, 2, 4, 8, 16, 32; out_channels tells their widths."""
    return smp.encoders.get_encoder(encoder, in_channels=3, depth=5, weights=None, output_stride=32)
