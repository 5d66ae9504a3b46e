"""AlexNet, VGG, GoogLeNet and Xception with their official ImageNet weights, where the operator has put them.

The files lie in weights/official/: torchvision's or timm's own (.pth, whose name carries the beginning of its SHA-256),
or the same state dict as NAME.safetensors. A .pth is read as tensors only; nothing in it is executed.
"""

from __future__ import annotations

import pickle
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cvdemo.errors import WeightsError
from cvdemo.models.family import Family
from cvdemo.models.imagenet import central_square, decode
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Prepared
from cvdemo.weights import file_sha256, verified_path

if TYPE_CHECKING:
    from torch import nn

_CHECKSUM = re.compile(r"-([0-9a-f]{8,64})\.pth$")
#: Parts that only training uses.
_AUXILIARY = ("aux1.", "aux2.", "AuxLogits.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How a picture is prepared. crop_share: the middle of the shorter side that is seen. bicubic: the interpolation,
    else bilinear. mean, std: of R, G, B in 0..1."""

    crop_share: float = 224 / 256
    bicubic: bool = False
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)


_HALF = (0.5, 0.5, 0.5)
PREPARATIONS = {
    "alexnet": Preparation(),
    "vgg16": Preparation(),
    "vgg19": Preparation(),
    # Its weights came from TensorFlow; torchvision undoes the usual normalisation inside the network instead.
    "googlenet": Preparation(mean=_HALF, std=_HALF),
    "xception": Preparation(crop_share=0.8975, bicubic=True, mean=_HALF, std=_HALF),
}


def build(spec: ModelSpec) -> nn.Module:
    """The network without its weights; spec.variant names it."""
    from cvdemo.models.nets.classics import Classic

    return Classic(spec.variant).eval()


def load(spec: ModelSpec) -> nn.Module:
    """The network with its official weights. Raises WeightsError when the file is not what its name says."""
    path = verified_path(spec, pinned=False)
    if (claimed := _CHECKSUM.search(path.name)) and not file_sha256(path).startswith(claimed[1]):
        raise WeightsError(
            f"weights/{spec.weights} is damaged (its SHA-256 is not the one in its name); fetch it again."
        )
    module = build(spec)
    state = {f"network.{k}": v for k, v in _read(spec).items() if not k.startswith(_AUXILIARY)}
    try:
        module.load_state_dict(state)
    except (RuntimeError, AttributeError, TypeError) as error:
        raise WeightsError(f"weights/{spec.weights} holds other layers than {spec.title}; replace it.") from error
    return module


def _read(spec: ModelSpec) -> dict[str, Any]:
    path = verified_path(spec, pinned=False)
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, OSError, EOFError, ValueError, KeyError) as error:
        raise WeightsError(f"weights/{spec.weights} is not a file of weights that can be read; replace it.") from error
    if not isinstance(state, dict) or not all(isinstance(v, torch.Tensor) for v in state.values()):
        raise WeightsError(f"weights/{spec.weights} is not a file of weights that can be read; replace it.")
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """The central square of the picture, resized, (x / 255 - mean) / std."""
    ready = PREPARATIONS[spec.variant]
    pixels, box = central_square(image, spec.input_hw, ready.crop_share, ready.bicubic)
    values = (pixels.astype(np.float32) / 255 - np.array(ready.mean, np.float32)) / np.array(ready.std, np.float32)
    return Prepared(np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis]), (box,))


FAMILY = Family(build=build, load=load, output_names=("logits",), preprocess=preprocess, decode=decode)
