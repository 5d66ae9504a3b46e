"""Test-time averaging: a picture is looked at in several sizes and mirrored, and the probabilities are averaged."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.imaging import image_from_pixels
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, RawOutput, Segmentation, Timed

#: Sizes relative to the one that the app shows a network.
SCALES = (0.75, 1.0, 1.25)


def averaged(spec: ModelSpec, image: Image, scales: tuple[float, ...] = SCALES) -> Timed[Segmentation]:
    """The segmentation by the mean of the probabilities over all scales, each also mirrored, at the picture's size.

    All K probability maps are kept at full size, so this is for measuring, not for photos of many megapixels.
    Raises WeightsError, DeviceError.
    """
    start = time.perf_counter()
    total = np.zeros((len(spec.class_names), *image.size_hw), np.float32)
    mirrored = image_from_pixels(image.pixels[:, ::-1], image.name)
    for scale in scales:
        total += _probabilities(spec, image, scale)
        total += _probabilities(spec, mirrored, scale)[:, :, ::-1]
    total /= 2 * len(scales)
    result = Segmentation(total.argmax(0).astype(np.uint8), total, image.size_hw)
    return Timed(result, 0.0, time.perf_counter() - start, 0.0, engine().device, spec.name)


def _probabilities(spec: ModelSpec, image: Image, scale: float) -> NDArray[np.float32]:
    """(K, H, W) at the picture's size, the network's input being scaled."""
    import cv2

    height, width = spec.input_hw
    scaled = replace(spec, input_hw=(round(height * scale), round(width * scale)))
    family = family_of(spec)
    prepared = family.preprocess(scaled, image, None)
    runtime = engine().runtime(spec, prepared.inputs[:1])
    logits = np.concatenate([runtime(prepared.inputs[i : i + 1])[0] for i in range(len(prepared.inputs))])
    result = family.decode(scaled, RawOutput({"logits": logits}, prepared.letterboxes, image.size_hw))
    assert isinstance(result, Segmentation)
    size_wh = image.size_hw[::-1]
    return np.stack([cv2.resize(plane, size_wh, interpolation=cv2.INTER_LINEAR) for plane in result.probs])
