"""The classics of ImageNet as torchvision and timm have them, made to return a tuple like every network here."""

from __future__ import annotations

from collections.abc import Callable

import timm
from torch import Tensor, nn
from torchvision import models

#: Without auxiliary classifiers, which only training needs, and without initialisations that trained weights replace.
BUILDERS: dict[str, Callable[[], nn.Module]] = {
    "alexnet": lambda: models.alexnet(),
    "vgg16": lambda: models.vgg16(init_weights=False),
    "vgg19": lambda: models.vgg19(init_weights=False),
    "googlenet": lambda: models.googlenet(init_weights=False, aux_logits=False, transform_input=False),
    "xception": lambda: timm.create_model("legacy_xception", pretrained=False),
}


class Classic(nn.Module):
    """(N, 3, H, W) float32 RGB, prepared as cvdemo.models.classics does -> ((N, 1000) logits of ImageNet,)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.network = BUILDERS[name]()
        # An activation that overwrites its input would overwrite what a hook on the layer before has kept.
        for module in self.modules():
            if isinstance(module, nn.ReLU):
                module.inplace = False

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (self.network(x),)
