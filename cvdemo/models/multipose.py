"""MoveNet MultiPose: the whole picture goes in, up to six people come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cvdemo.imaging import letterbox
from cvdemo.labels import SKELETON
from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Poses, Prepared, RawOutput

if TYPE_CHECKING:
    from torch import nn

JOINTS = 17


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights."""
    from cvdemo.models.nets.multipose import MultiPose

    return MultiPose().eval()


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """The whole picture in the middle of a black square, RGB 0..255; normalisation is inside the network."""
    pixels, placed = letterbox(image.pixels, spec.input_hw)
    return Prepared(pixels.transpose(2, 0, 1)[np.newaxis].astype(np.float32, order="C"), (placed,))


def decode(spec: ModelSpec, raw: RawOutput) -> Poses:
    """All six people, most of them unlikely; scores are the network's own, boxes end at the picture's edge.

    raw.outputs["people"]: (1, 6, 56), 17 x (y, x, score), then ymin, xmin, ymax, xmax, score; coordinates are parts
    of the input's height and width.
    """
    (placed,) = raw.letterboxes
    rows = raw.outputs["people"][0]
    input_xy = np.array(placed.input_hw[::-1], np.float32)
    joints = rows[:, : 3 * JOINTS].reshape(-1, JOINTS, 3)
    corners = rows[:, 3 * JOINTS : 3 * JOINTS + 4].reshape(-1, 2, 2)
    edge = np.array(raw.size_hw[::-1], np.float32)
    boxes = Detections(
        np.clip(placed.to_image(corners[..., ::-1] * input_xy), 0, edge).reshape(-1, 4),
        rows[:, 3 * JOINTS + 4].copy(),
        np.zeros(len(rows), np.int64),
        raw.size_hw,
    )
    places = placed.to_image(joints[..., 1::-1] * input_xy)
    return Poses(boxes, places, joints[..., 2].copy(), SKELETON)


FAMILY = Family(build=build, output_names=("people",), preprocess=preprocess, decode=decode)
