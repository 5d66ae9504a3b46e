"""A network's answers one by one: what may be asked about, and what becomes of them when something changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.targets import Target, box_target, class_target, joint_target, region_target
from cvdemo.labels import KEYPOINTS
from cvdemo.registry import ModelSpec
from cvdemo.tasks import PoseParams
from cvdemo.types import Classification, Detections, Image, Poses, RawOutput, Result, Segmentation
from cvdemo.ui import words

_CLASSES, _BOXES, _PEOPLE = 5, 20, 3
_SAME_BOX = 0.5
_SMALLEST_SHARE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """raw: the forward pass. result: what the task makes of it. targets: by name, the number behind each answer."""

    raw: RawOutput
    result: Result
    targets: dict[str, Callable[[], Target]]


def answer_of(spec: ModelSpec, image: Image) -> Answer:
    """The answer with the task's usual settings. Raises UsageError where there is none, WeightsError, DeviceError."""
    params = tasks.default_params(spec)
    raw = engine().forward(spec, image, params.people_floor) if isinstance(params, PoseParams) else None
    raw = raw or engine().forward(spec, image)
    result = tasks.decode(spec, raw, params)
    targets = _targets(spec, raw, result)
    if not targets:
        raise UsageError("The network found nothing here, so there is nothing to explain; choose another picture.")
    return Answer(raw, result, targets)


def _targets(spec: ModelSpec, raw: RawOutput, result: Result) -> dict[str, Callable[[], Target]]:
    if isinstance(result, Classification):
        return {
            f"{name}, {words.percent(p)}": partial(class_target, spec, class_id)
            for class_id, name, p in result.top(_CLASSES)
        }
    if isinstance(result, Detections):
        return {
            f"{i + 1}. {spec.class_names[int(result.class_ids[i])]} {result.scores[i]:.2f}": partial(
                box_target, spec, raw, result, i
            )
            for i in range(min(len(result), _BOXES))
        }
    if isinstance(result, Segmentation):
        shares = result.shares()
        return {
            f"{spec.class_names[i]}, {words.percent(float(shares[i]))}": partial(region_target, spec, raw, int(i))
            for i in np.argsort(-shares, kind="stable")
            if shares[i] >= _SMALLEST_SHARE
        }
    return {
        f"Person {person + 1}: {_joint(joint)} {result.keypoint_scores[person, joint]:.2f}": partial(
            joint_target, spec, raw, result, person, int(joint), _joint(joint)
        )
        for person in range(min(len(result), _PEOPLE))
        for joint in np.argsort(-result.keypoint_scores[person], kind="stable")
    }


def _joint(index: int) -> str:
    return KEYPOINTS[index].replace("_", " ")


def compared(spec: ModelSpec, before: Result, after: Result) -> list[tuple[str, float, float]]:
    """What was answered, its figure before, and after: probability, score, share of the picture; 0 where it is gone."""
    if isinstance(before, Classification) and isinstance(after, Classification):
        ids = dict.fromkeys(class_id for class_id, _, _ in [*before.top(_CLASSES), *after.top(1)])
        return [(before.class_names[i], float(before.probs[i]), float(after.probs[i])) for i in ids]
    if isinstance(before, Segmentation) and isinstance(after, Segmentation):
        first, then = before.shares(), after.shares()
        order = [int(i) for i in np.argsort(-first, kind="stable") if max(first[i], then[i]) >= _SMALLEST_SHARE]
        return [(spec.class_names[i], float(first[i]), float(then[i])) for i in order]
    if isinstance(before, Poses) and isinstance(after, Poses):
        return _compared_boxes(("person",), before.boxes, after.boxes)
    assert isinstance(before, Detections)
    assert isinstance(after, Detections)
    return _compared_boxes(spec.class_names, before, after)


def _compared_boxes(
    class_names: tuple[str, ...], before: Detections, after: Detections
) -> list[tuple[str, float, float]]:
    """Boxes that were there, with the score of the best box of their class on the same place; then new ones."""
    free = list(range(len(after)))
    rows = []
    for i in range(len(before)):
        same = [j for j in free if after.class_ids[j] == before.class_ids[i] and _iou(before, i, after, j) >= _SAME_BOX]
        then = 0.0
        if same:
            free.remove(same[0])
            then = float(after.scores[same[0]])
        rows.append((class_names[int(before.class_ids[i])], float(before.scores[i]), then))
    return rows + [(f"{class_names[int(after.class_ids[j])]} (new)", 0.0, float(after.scores[j])) for j in free]


def _iou(a: Detections, i: int, b: Detections, j: int) -> float:
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = a.xyxy[i].tolist(), b.xyxy[j].tolist()
    shared = max(0.0, min(ax2, bx2) - max(ax1, bx1)) * max(0.0, min(ay2, by2) - max(ay1, by1))
    total = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared
    return shared / total if total > 0 else 0.0
