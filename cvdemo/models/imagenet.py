"""ImageNet classification: the middle of the picture into the network, and its logits into probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
    """The central square of the picture, CROP_SHARE of its shorter side, resized bicubically; (x - 127) / 128."""
    pixels, box = central_square(image, spec.input_hw, CROP_SHARE, bicubic=True)
    values = (pixels.astype(np.float32) - MEAN) / STD
    return Prepared(np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis]), (box,))


def central_square(
    image: Image, input_hw: tuple[int, int], share: float, bicubic: bool
) -> tuple[NDArray[np.uint8], Letterbox]:
    """The middle of a picture, that share of its shorter side, as (h, w, 3) uint8 RGB of input_hw.

    Pillow rather than OpenCV, because it smooths when it shrinks: a photo of 12 megapixels would alias.
    """
    from PIL import Image as PILImage

    height, width = image.size_hw
    input_h, input_w = input_hw
    side = min(height, width) * share
    x0, y0 = (width - side) / 2, (height - side) / 2
    filters = PILImage.Resampling
    resized = PILImage.fromarray(image.pixels).resize(
        (input_w, input_h), filters.BICUBIC if bicubic else filters.BILINEAR, box=(x0, y0, x0 + side, y0 + side)
    )
    scale_x, scale_y = input_w / side, input_h / side
    box = Letterbox(image.size_hw, input_hw, (scale_x, scale_y), (-x0 * scale_x, -y0 * scale_y))
    return np.asarray(resized), box


def decode(spec: ModelSpec, raw: RawOutput) -> Classification:
    """Softmax over the classes."""
    logits = raw.outputs["logits"][0]
    weights = np.exp(logits - logits.max())
    return Classification((weights / weights.sum()).astype(np.float32), spec.class_names)


FAMILY = Family(build=build, output_names=("logits",), preprocess=preprocess, decode=decode)
