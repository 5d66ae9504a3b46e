"""EfficientNet-Lite0 (Tan & Le, arXiv 1905.11946) as timm has it, made to return a tuple like every network here."""

from __future__ import annotations

import timm
from torch import Tensor, nn


class EfficientNetLite0(nn.Module):
    """(N, 3, H, W) float32 RGB, (x - 127) / 128 -> ((N, 1000) logits of the ImageNet classes,)."""

    def __init__(self) -> None:
        super().__init__()
        self.efficientnet = timm.create_model("tf_efficientnet_lite0", pretrained=False)
        # An activation that overwrites its input would overwrite what a hook on the layer before has kept.
        for module in self.modules():
            if isinstance(module, nn.ReLU6):
                module.inplace = False

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (self.efficientnet(x),)
