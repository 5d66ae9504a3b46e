"""U-Net: one class for every pixel of a picture of any size."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.imaging import Interpolation, letterbox
from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Prepared, RawOutput, Segmentation

if TYPE_CHECKING:
    from torch import nn

#: The encoder halves its input five times.
STRIDE = 32
#: The grey that normalise() turns to zero: the padding.
FILL = 127


def normalise(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W, 3) uint8 RGB -> (3, H, W) float32, the way the encoder's ImageNet training did it: (x - 127) / 128."""
    scaled = (pixels.astype(np.float32) - FILL) / 128
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights; spec.variant is ENCODER or ENCODER/WIDTHS, as 128-64-32-24."""
    from cvdemo.models.nets.unet import WIDTHS, UNet

    encoder, _, listed = spec.variant.partition("/")
    widths = tuple(int(width) for width in listed.split("-")) if listed else WIDTHS
    return UNet(encoder, len(spec.class_names), widths).eval()


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """Scale the picture so that its long side fits spec.input_hw, and pad right and bottom to multiples of 32."""
    scale = max(spec.input_hw) / max(image.size_hw)
    input_h, input_w = (max(1, ceil(side * scale / STRIDE - 1e-6)) * STRIDE for side in image.size_hw)
    smooth: Interpolation = "area" if scale < 1 else "bilinear"
    laid, box = letterbox(image.pixels, (input_h, input_w), fill=FILL, centre=False, interpolation=smooth)
    return Prepared(normalise(laid)[np.newaxis], (box,))


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
    import cv2

    if logits.shape[1:] == size_hw:
        return logits.argmax(0).astype(np.uint8)
    size_wh = size_hw[::-1]
    best = np.zeros(size_hw, np.uint8)
    top, plane = np.empty(size_hw, np.float32), np.empty(size_hw, np.float32)
    cv2.resize(logits[0], size_wh, dst=top, interpolation=cv2.INTER_LINEAR)
    for index in range(1, len(logits)):
        cv2.resize(logits[index], size_wh, dst=plane, interpolation=cv2.INTER_LINEAR)
        best[plane > top] = index
        np.maximum(top, plane, out=top)
    return best


FAMILY = Family(build=build, output_names=("logits",), preprocess=preprocess, decode=decode, dynamic_hw=True)
