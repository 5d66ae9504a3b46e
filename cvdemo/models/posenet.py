"""PoseNet: the whole picture goes in, maps of joints come out, and PersonLab's decoding makes people of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.imaging import letterbox
from cvdemo.labels import SKELETON
from cvdemo.models.family import Family
from cvdemo.models.personlab import Maps, decode_people
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Poses, Prepared, RawOutput

if TYPE_CHECKING:
    from torch import nn

STRIDE = 16
MAX_PEOPLE = 20
#: Input pixels within which two places of one joint are the same (PersonLab, section 3.1).
RADIUS = 20
#: Joints below this start no person.
START_SCORE = 0.3
#: Joints from this score on make up a person's box, if there are at least three.
BOX_JOINT_SCORE = 0.3


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights."""
    from cvdemo.models.nets.posenet import PoseNet

    return PoseNet().eval()


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """The whole picture in the middle of a black square, RGB 0..255; normalisation is inside the network."""
    pixels, placed = letterbox(image.pixels, spec.input_hw)
    return Prepared(pixels.transpose(2, 0, 1)[np.newaxis].astype(np.float32, order="C"), (placed,))


def read_maps(raw: RawOutput) -> Maps:
    """The network's four outputs, (1, C, h, w), as the decoding wants them. The network gives logits, and vectors as
    all y before all x."""

    def vectors(name: str) -> NDArray[np.float32]:
        planes = raw.outputs[name][0]
        y, x = planes.reshape(2, -1, *planes.shape[1:])
        return np.stack([x, y], axis=1)

    heatmap = 1 / (1 + np.exp(-raw.outputs["heatmap"][0]))
    return Maps(heatmap, vectors("offset"), vectors("displacement_fwd"), vectors("displacement_bwd"), STRIDE)


def decode(spec: ModelSpec, raw: RawOutput) -> Poses:
    """At most 20 people. A person's box goes around the joints seen well, cut at the picture's edge."""
    found = decode_people(read_maps(raw), start_score=START_SCORE, radius=RADIUS, max_people=MAX_PEOPLE)
    keypoints = raw.letterboxes[0].to_image(found.keypoints)
    xyxy = np.zeros((len(keypoints), 4), np.float32)
    for index, (places, scores) in enumerate(zip(keypoints, found.joint_scores, strict=True)):
        seen = scores >= BOX_JOINT_SCORE
        around = places[seen] if seen.sum() >= 3 else places
        xyxy[index] = *around.min(axis=0), *around.max(axis=0)
    height, width = raw.size_hw
    boxes = Detections(
        np.clip(xyxy, 0, np.array([width, height, width, height], np.float32)),
        found.scores,
        np.zeros(len(xyxy), np.int64),
        raw.size_hw,
    )
    return Poses(boxes, keypoints, found.joint_scores, SKELETON)


FAMILY = Family(
    build=build,
    output_names=("heatmap", "offset", "displacement_fwd", "displacement_bwd"),
    preprocess=preprocess,
    decode=decode,
)
