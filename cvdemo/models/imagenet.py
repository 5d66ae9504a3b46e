"""ImageNet classification: the middle of the picture into the network, and its logits into probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec
from cvdemo.types import Classification, Detections, Image, Letterbox, Prepared, RawOutput

if TYPE_CHECKING:
    from torch import nn

#: ImageNet's evaluation looks at the middle 87.5 % of the shorter side.
CROP_SHARE = 0.875
MEAN, STD = 127.0, 128.0


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights."""
    from cvdemo.models.nets.imagenet import EfficientNetLite0

    return EfficientNetLite0().eval()


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """The central square of the picture, CROP_SHARE of its shorter side, resized bicubically; (x - 127) / 128.

    Pillow rather than OpenCV, because it smooths when it shrinks: a photo of 12 megapixels would alias.
    """
    from PIL import Image as PILImage

    height, width = image.size_hw
    input_h, input_w = spec.input_hw
    side = min(height, width) * CROP_SHARE
    x0, y0 = (width - side) / 2, (height - side) / 2
    resized = PILImage.fromarray(image.pixels).resize(
        (input_w, input_h), PILImage.Resampling.BICUBIC, box=(x0, y0, x0 + side, y0 + side)
    )
    values = (np.asarray(resized, np.float32) - MEAN) / STD
    scale_x, scale_y = input_w / side, input_h / side
    box = Letterbox(image.size_hw, spec.input_hw, (scale_x, scale_y), (-x0 * scale_x, -y0 * scale_y))
    return Prepared(np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis]), (box,))


def decode(spec: ModelSpec, raw: RawOutput) -> Classification:
    """Softmax over the classes."""
    logits = raw.outputs["logits"][0]
    weights = np.exp(logits - logits.max())
    return Classification((weights / weights.sum()).astype(np.float32), spec.class_names)


FAMILY = Family(build=build, output_names=("logits",), preprocess=preprocess, decode=decode)
