"""MoveNet top-down: each person is cut out of the picture, and the joints go back to where the person was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.imaging import crop_letterbox
from cvdemo.labels import SKELETON
from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Poses, Prepared, RawOutput

if TYPE_CHECKING:
    from torch import nn

#: How much larger than the detector's box the part is that the network sees.
BOX_SCALE = 1.25


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights. spec.variant: thunder or lightning."""
    from cvdemo.models.nets.movenet import LIGHTNING, THUNDER, MoveNet

    return MoveNet({"thunder": THUNDER, "lightning": LIGHTNING}[spec.variant], spec.input_hw[0]).eval()


def whole_picture(size_hw: tuple[int, int]) -> Detections:
    """One person who fills the picture: what a network without a detector in front assumes."""
    height, width = size_hw
    xyxy = np.array([[0, 0, width, height]], np.float32)
    return Detections(xyxy, np.ones(1, np.float32), np.zeros(1, np.int64), size_hw)


def crop_box(xyxy: NDArray[np.float32], size_hw: tuple[int, int]) -> tuple[float, float, float, float]:
    """The part of the picture that a person is looked for in: the box grown by BOX_SCALE around its middle, cut at
    the picture's edge, at least a pixel wide and high. xyxy: (4,), picture pixels."""
    low, high = xyxy[:2].astype(np.float64), xyxy[2:].astype(np.float64)
    edge = np.array([size_hw[1], size_hw[0]], np.float64)
    middle, reach = (low + high) / 2, (high - low) / 2 * BOX_SCALE
    start = np.clip(middle - reach, 0, edge - 1)
    end = np.maximum(np.clip(middle + reach, 0, edge), start + 1)
    return float(start[0]), float(start[1]), float(end[0]), float(end[1])


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """One input a person: crop_box in the middle of a black square, RGB 0..255, (N, 3, side, side).

    people: boxes in picture pixels, in any number; None stands for one person who fills the picture.
    """
    people = whole_picture(image.size_hw) if people is None else people
    crops = [crop_letterbox(image.pixels, crop_box(box, image.size_hw), spec.input_hw) for box in people.xyxy]
    inputs = np.empty((len(crops), 3, *spec.input_hw), np.float32)
    for index, (pixels, _) in enumerate(crops):
        inputs[index] = pixels.transpose(2, 0, 1)
    return Prepared(inputs, tuple(letterbox for _, letterbox in crops))


def decode(spec: ModelSpec, raw: RawOutput) -> Poses:
    """The detector's boxes with joints. A person's score is the detector's score x the mean score of the joints.

    raw.outputs["keypoints"]: (N, 17, 3), y, x (parts of the input's height and width) and score.
    """
    people = whole_picture(raw.size_hw) if raw.people is None else raw.people
    keypoints = raw.outputs["keypoints"]
    scores = np.ascontiguousarray(keypoints[..., 2])
    places = np.zeros((*scores.shape, 2), np.float32)
    for index, letterbox in enumerate(raw.letterboxes):
        inside = keypoints[index, :, 1::-1] * np.array(letterbox.input_hw[::-1], np.float32)
        places[index] = letterbox.to_image(inside)
    boxes = Detections(
        people.xyxy.copy(),
        people.scores * scores.mean(axis=1, dtype=np.float32),
        np.zeros(len(people), np.int64),
        raw.size_hw,
    )
    return Poses(boxes, places, scores, SKELETON)


FAMILY = Family(build=build, output_names=("keypoints",), preprocess=preprocess, decode=decode)
