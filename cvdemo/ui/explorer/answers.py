"""A network's answers one by one: what may be asked about, and what becomes of them when something changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.target import Target
from cvdemo.inspect.targets import box_target, class_target, joint_target, region_at, region_target
from cvdemo.labels import KEYPOINTS
from cvdemo.registry import ModelSpec
from cvdemo.tasks import PoseParams
from cvdemo.types import Classification, Detections, Image, Poses, RawOutput, Result, Segmentation
from cvdemo.ui import words
from cvdemo.ui.view_data import SCORE_FLOOR

_CLASSES, _BOXES, _PEOPLE = 5, 20, 3
_SAME_BOX = 0.5
_SMALLEST_SHARE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """raw: the forward pass. result: what the task makes of it. targets: by name, the number behind each answer. names:
    of the targets, by what links call them: "class:3", "box:0", "region:1", "joint:0,9"."""

    raw: RawOutput
    result: Result
    targets: dict[str, Callable[[], Target]]
    names: dict[str, str]


def answer_of(spec: ModelSpec, image: Image, asked: str = "") -> Answer:
    """The answer with the task's usual settings. asked: what a link calls one that must be among the targets, if the
    network gave it at all, however unsure.

    Raises UsageError where there is no answer, WeightsError, DeviceError.
    """
    params = tasks.default_params(spec)
    raw = engine().forward(spec, image, params.people_floor) if isinstance(params, PoseParams) else None
    raw = raw or engine().forward(spec, image)
    result = tasks.decode(spec, raw, params)
    found = dict(_targets(spec, raw, result))
    if asked and asked not in found:
        found |= _unusual(spec, image, raw, asked)
    if not found:
        raise UsageError("The network found nothing here, so there is nothing to explain; choose another picture.")
    targets = dict(found.values())
    return Answer(raw, result, targets, {called: name for called, (name, _) in found.items()})


_Named = tuple[str, tuple[str, Callable[[], Target]]]


def _targets(spec: ModelSpec, raw: RawOutput, result: Result) -> Iterator[_Named]:
    """What links call it, its name, and the number behind it."""
    if isinstance(result, Classification):
        for class_id, _, _ in result.top(_CLASSES):
            yield _class(spec, result, class_id)
    elif isinstance(result, Detections):
        for i in range(min(len(result), _BOXES)):
            yield _box(spec, raw, result, i)
    elif isinstance(result, Segmentation):
        shares = result.shares()
        for i in np.argsort(-shares, kind="stable"):
            if shares[i] >= _SMALLEST_SHARE and not (spec.family == "yolo" and i == 0):
                yield _region(spec, raw, result, int(i))
    else:
        for person in range(min(len(result), _PEOPLE)):
            for joint in np.argsort(-result.keypoint_scores[person], kind="stable"):
                yield _joint_of(spec, raw, result, person, int(joint))


def _unusual(spec: ModelSpec, image: Image, raw: RawOutput, asked: str) -> dict[str, Any]:
    """The answer that is asked for, if there is such a one below the usual threshold or far down the list."""
    kind, _, rest = asked.partition(":")
    numbers = [int(part) for part in rest.split(",") if part.isdecimal() and len(part) < 6]
    params = tasks.default_params(spec)
    if hasattr(params, "score_threshold"):
        params = replace(params, score_threshold=SCORE_FLOOR)
    result = tasks.decode(spec, raw, params)
    if kind == "at" and len(numbers) == 2 and isinstance(result, Segmentation):
        return dict([_place(spec, raw, result, *numbers)])
    if len(numbers) == 1:
        (number,) = numbers
        if kind == "class" and isinstance(result, Classification) and number < len(result.probs):
            return dict([_class(spec, result, number)])
        if kind == "box" and isinstance(result, Detections) and number < len(result):
            return dict([_box(spec, raw, result, number)])
        if kind == "region" and isinstance(result, Segmentation) and result.shares()[number : number + 1].sum() > 0:
            return dict([_region(spec, raw, result, number)])
    if kind == "joint" and len(numbers) == 2 and isinstance(result, Poses):
        person, joint = numbers
        if person < len(result) and joint < result.keypoints.shape[1]:
            return dict([_joint_of(spec, raw, result, person, joint)])
    return {}


def _class(spec: ModelSpec, result: Classification, i: int) -> _Named:
    name = f"{result.class_names[i]}, {words.percent(float(result.probs[i]))}"
    return f"class:{i}", (name, partial(class_target, spec, i))


def _box(spec: ModelSpec, raw: RawOutput, result: Detections, i: int) -> _Named:
    name = f"{i + 1}. {spec.class_names[int(result.class_ids[i])]} {result.scores[i]:.2f}"
    return f"box:{i}", (name, partial(box_target, spec, raw, result, i))


def _region(spec: ModelSpec, raw: RawOutput, result: Segmentation, i: int) -> _Named:
    name = f"{spec.class_names[i]}, {words.percent(float(result.shares()[i]))}"
    return f"region:{i}", (name, partial(region_target, spec, raw, i))


def _place(spec: ModelSpec, raw: RawOutput, result: Segmentation, x: int, y: int) -> _Named:
    class_id, region = region_at(result, x, y)
    name = f"{spec.class_names[class_id]} around ({x}, {y}), {words.percent(float(region.mean()))}"
    return f"at:{x},{y}", (name, partial(region_target, spec, raw, class_id, region))


def _joint_of(spec: ModelSpec, raw: RawOutput, result: Poses, person: int, joint: int) -> _Named:
    name = f"Person {person + 1}: {_joint(joint)} {result.keypoint_scores[person, joint]:.2f}"
    return f"joint:{person},{joint}", (
        name, partial(joint_target, spec, raw, result, person, joint, _joint(joint)),
    )  # fmt: skip


def target_at(answer: Answer, x: float, y: float) -> str | None:
    """What a link calls the answer at a point of the picture: the region around it, the smallest box or the nearest
    joint; None where there is none."""
    result = answer.result
    if isinstance(result, Segmentation):
        return f"at:{int(x)},{int(y)}"
    if isinstance(result, Detections):
        x0, y0, x1, y1 = result.xyxy.T
        hits = np.flatnonzero((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))
        areas = ((x1 - x0) * (y1 - y0))[hits]
        return f"box:{hits[areas.argmin()]}" if len(hits) else None
    if isinstance(result, Poses) and len(result):
        distance = np.hypot(*(result.keypoints[:_PEOPLE] - (x, y)).transpose(2, 0, 1))
        person, joint = np.unravel_index(distance.argmin(), distance.shape)
        return f"joint:{person},{joint}"
    return None


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
