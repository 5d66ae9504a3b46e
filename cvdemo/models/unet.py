"""U-Net: one class for every pixel of a picture of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Letterbox, Prepared, RawOutput, Segmentation

if TYPE_CHECKING:
    from torch import nn

#: The encoder halves its input five times.
STRIDE = 32


def normalise(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W, 3) uint8 RGB -> (3, H, W) float32, the way the encoder's ImageNet training did it: (x - 127) / 128."""
    scaled = (pixels.astype(np.float32) - 127) / 128
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights, in eval mode; spec.variant names the encoder."""
    from cvdemo.models.unet_network import UNet

    return UNet(spec.variant, len(spec.class_names)).eval()


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """Scale the picture so that its long side fits spec.input_hw, and pad right and bottom to multiples of 32."""
    height, width = image.size_hw
    scale = max(spec.input_hw) / max(height, width)
    h, w = (max(1, round(side * scale)) for side in (height, width))
    pixels = image.pixels
    if (h, w) != (height, width):
        pixels = cv2.resize(pixels, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    input_hw = tuple(-(-side // STRIDE) * STRIDE for side in (h, w))
    inputs = np.zeros((1, 3, *input_hw), np.float32)
    inputs[0, :, :h, :w] = normalise(pixels)
    box = Letterbox(image.size_hw, (input_hw[0], input_hw[1]), (w / width, h / height), (0.0, 0.0))
    return Prepared(inputs, (box,))


def decode(spec: ModelSpec, raw: RawOutput) -> Segmentation:
    """Softmax over the classes, and for every pixel of the picture the class with the largest logit."""
    box = raw.letterboxes[0]
    h, w = (round(side * scale) for side, scale in zip(box.size_hw, box.scale_xy[::-1], strict=True))
    logits = np.ascontiguousarray(raw.outputs["logits"][0, :, : max(h, 1), : max(w, 1)], np.float32)
    shifted = np.exp(logits - logits.max(0))
    return Segmentation(largest_class(logits, box.size_hw), shifted / shifted.sum(0), box.size_hw)


def largest_class(logits: NDArray[np.float32], size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    """Index of the largest of K maps at every pixel, after bilinear scaling of the maps to size_hw.

    logits: (K, h, w) float32. Returns (H, W) uint8. One map is scaled at a time, so that a picture of 12 megapixels
    takes two float planes of memory and not K of them.
    """
    if logits.shape[1:] == size_hw:
        return logits.argmax(0).astype(np.uint8)
    size_wh = size_hw[::-1]
    best = np.zeros(size_hw, np.uint8)
    top = cv2.resize(logits[0], size_wh, interpolation=cv2.INTER_LINEAR)
    for index in range(1, len(logits)):
        plane = cv2.resize(logits[index], size_wh, interpolation=cv2.INTER_LINEAR)
        best[plane > top] = index
        np.maximum(top, plane, out=top)
    return best


FAMILY = Family(
    build=build, output_names=("logits",), preprocess=preprocess, decode=decode, dynamic_hw=True
)
