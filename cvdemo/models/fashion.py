"""Garments: any photo made into a 28x28 picture, and one of ten kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cvdemo.models.family import Family
from cvdemo.models.garment import prepare_garment
from cvdemo.registry import ModelSpec
from cvdemo.types import Classification, Detections, Image, Prepared, RawOutput

if TYPE_CHECKING:
    from torch import nn


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights; spec.variant names it."""
    from cvdemo.models.nets.fashion import NETWORKS

    return NETWORKS[spec.variant]().eval()


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """(1, 1, 28, 28) float32 in 0..1: the garment light on black, as prepare_garment makes it."""
    steps = prepare_garment(image)
    return Prepared((steps.result[np.newaxis, np.newaxis] / 255).astype(np.float32), (steps.letterbox,))


def decode(spec: ModelSpec, raw: RawOutput) -> Classification:
    """Softmax over the classes."""
    logits = raw.outputs["logits"][0]
    weights = np.exp(logits - logits.max())
    return Classification((weights / weights.sum()).astype(np.float32), spec.class_names)


FAMILY = Family(build=build, output_names=("logits",), preprocess=preprocess, decode=decode)
