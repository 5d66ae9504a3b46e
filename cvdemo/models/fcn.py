"""FCN: prepared and decoded as the U-Net beside it is; only the network differs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cvdemo.models import unet
from cvdemo.registry import ModelSpec

if TYPE_CHECKING:
    from torch import nn


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights; spec.variant names the encoder."""
    from cvdemo.models.nets.fcn import FCN

    return FCN(spec.variant, len(spec.class_names)).eval()


FAMILY = replace(unet.FAMILY, build=build)
