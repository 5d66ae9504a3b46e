"""Garments: any photo made into a 28x28 picture, and one of ten kinds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cvdemo.models.family import Family
from cvdemo.models.garment import prepare_garment
from cvdemo.registry import ModelSpec
from cvdemo.types import Classification, Detections, Image, Letterbox, Prepared, RawOutput

if TYPE_CHECKING:
    from torch import nn

#: Networks that judge a garment and its mirror image, and take the mean; they were trained on both.
MIRRORED = ("fashion-nano", "fashion-net")


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights; spec.variant names it."""
    from cvdemo.models.nets.fashion import NETWORKS

    return NETWORKS[spec.variant]().eval()


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """(N, 1, 28, 28) float32 in 0..1: the garment light on black, as prepare_garment makes it.

    N is 2 for the networks in MIRRORED, which also look at the mirror image; otherwise 1.
    """
    steps = prepare_garment(image)
    view = (steps.result[np.newaxis] / 255).astype(np.float32)
    if spec.variant not in MIRRORED:
        return Prepared(view[np.newaxis], (steps.letterbox,))
    return Prepared(np.stack([view, view[..., ::-1]]), (steps.letterbox, _mirrored(steps.letterbox)))


def _mirrored(box: Letterbox) -> Letterbox:
    """Where the picture lies in the mirrored input: x runs the other way."""
    (scale_x, scale_y), (pad_x, pad_y) = box.scale_xy, box.pad_xy
    return replace(box, scale_xy=(-scale_x, scale_y), pad_xy=(box.input_hw[1] - pad_x, pad_y))


def decode(spec: ModelSpec, raw: RawOutput) -> Classification:
    """Softmax over the classes, of the mean of the views' logits."""
    logits = raw.outputs["logits"].mean(0)
    weights = np.exp(logits - logits.max())
    return Classification((weights / weights.sum()).astype(np.float32), spec.class_names)


FAMILY = Family(build=build, output_names=("logits",), preprocess=preprocess, decode=decode)
