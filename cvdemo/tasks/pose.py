"""Pose: people and their joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cvdemo.engine import MAX_PEOPLE
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Poses, RawOutput

#: Detector score from which the top-down networks look at a person.
PEOPLE_FLOOR = 0.25
_LOWEST_FLOOR = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseParams:
    """score_threshold: lowest score of a person shown. keypoint_threshold: lowest score of a joint drawn; the
    result keeps them all. max_people: most people shown. people_floor: for top-down networks, the detector
    score from which a person is looked at; the only parameter here that makes a new forward pass."""

    score_threshold: float = 0.2
    keypoint_threshold: float = 0.3
    max_people: int = MAX_PEOPLE
    people_floor: float = PEOPLE_FLOOR


def default_params(spec: ModelSpec) -> PoseParams:
    """What the model starts with."""
    return PoseParams(score_threshold=spec.score_threshold)


def floor_for(score_threshold: float) -> float:
    """The floor that loses no person whom a threshold this low would let through, within reason."""
    return min(PEOPLE_FLOOR, max(_LOWEST_FLOOR, score_threshold))


def decode(spec: ModelSpec, raw: RawOutput, params: PoseParams) -> Poses:
    """People by falling score, in picture pixels."""
    poses = family_of(spec).decode(spec, raw)
    assert isinstance(poses, Poses)
    order = np.argsort(-poses.boxes.scores, kind="stable")
    shown = order[poses.boxes.scores[order] >= params.score_threshold]
    return poses.take(shown[: params.max_people])
