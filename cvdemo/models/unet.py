"""U-Net: one class for every pixel of a picture of any size, large ones also in tiles."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.models import tiles
from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Letterbox, Prepared, RawOutput, Segmentation

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
    """The picture with its long side scaled to spec.input_hw, padded right and bottom to multiples of 32.

    Of a large picture this is the first input, the whole view; its tiles are the others, see cvdemo.models.tiles.
    """
    side = max(spec.input_hw)
    tiling = tiles.plan(image.size_hw, side, STRIDE)
    scale = side / max(image.size_hw)
    input_h, input_w = (max(1, ceil(length * scale / STRIDE - 1e-6)) * STRIDE for length in image.size_hw)
    if tiling is None:
        pixels, box = _whole(image, (input_h, input_w), scale)
        return Prepared(normalise(pixels)[np.newaxis], (box,))
    pixels, box = _whole(image, tiling.tile_hw, scale)
    views = [normalise(view) for view in (pixels, *tiles.cut(image.pixels, tiling, FILL))]
    return Prepared(np.stack(views), (box, *tiles.letterboxes(image.size_hw, tiling)))


def _whole(image: Image, input_hw: tuple[int, int], scale: float) -> tuple[NDArray[np.uint8], Letterbox]:
    """The whole picture at that scale in the top left corner of an input."""
    import cv2

    height, width = (max(1, round(length * scale)) for length in image.size_hw)
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    pixels = np.full((*input_hw, 3), FILL, np.uint8)
    pixels[:height, :width] = cv2.resize(image.pixels, (width, height), interpolation=smooth)
    return pixels, Letterbox(image.size_hw, input_hw, (width / image.size_hw[1], height / image.size_hw[0]), (0.0, 0.0))


def decode(spec: ModelSpec, raw: RawOutput) -> Segmentation:
    """Softmax over the classes, and for every pixel of the picture the class with the largest logit."""
    box, outputs = raw.letterboxes[0], raw.outputs["logits"]
    h, w = (max(1, round(side * scale)) for side, scale in zip(box.size_hw, box.scale_xy[::-1], strict=True))
    logits = np.ascontiguousarray(outputs[0, :, :h, :w], np.float32)
    tiling = tiles.plan(box.size_hw, max(spec.input_hw), STRIDE)
    if tiling is not None and len(outputs) > 1:  # the inspection of a network looks at the whole view alone
        logits = tiles.blend(logits, outputs[1:], tiling)
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


FAMILY = Family(build=build, output_names=("logits",), preprocess=preprocess, decode=decode, dynamic_hw=True, at_once=1)
