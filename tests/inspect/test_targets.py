"""A target is the very number that the answer was made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from cvdemo.errors import UsageError
from cvdemo.inspect.target import Target
from cvdemo.inspect.targets import (
    best_target,
    box_target,
    class_target,
    joint_target,
    point_target,
    region_target,
)
from cvdemo.types import Classification, Detections, Poses, Segmentation
from tests.inspect.answers import NAMES, Answered, answered


@pytest.mark.parametrize("name", ["efficientnet-lite0", "fashion-nano"])
def test_class_logits_are_in_the_ratio_of_the_probabilities(name: str) -> None:
    a = answered(name)
    assert isinstance(a.result, Classification)
    (first, label, p), (second, _, q) = a.result.top(2)
    assert a.target.label == label
    # A garment network looks at the mirror image too and takes the mean.
    logits = [class_target(a.spec, i).of(a.raw.outputs).mean() for i in (first, second)]
    assert logits[0] - logits[1] == pytest.approx(np.log(p / q), abs=1e-3)


@pytest.mark.parametrize("name", ["centernet", "nanodet"])
def test_every_box_leads_back_to_its_own_cell(name: str) -> None:
    a = answered(name)
    assert isinstance(a.result, Detections)
    assert len(a.result) >= 3
    cells = set()
    for i in range(len(a.result)):
        target = box_target(a.spec, a.raw, a.result, i)
        assert target.value(a.raw) == a.result.scores[i]
        assert target.index[0] == a.result.class_ids[i]
        cells.add((target.output, target.index))
    assert len(cells) == len(a.result)


def test_equal_scores_are_told_apart_by_place() -> None:
    a = answered("centernet")
    assert isinstance(a.result, Detections)
    heatmap = a.raw.outputs["heatmap"].copy()
    first = box_target(a.spec, a.raw, a.result, 0)
    heatmap[0, first.index[0], 0, 0] = a.result.scores[0]
    twins = replace(a.raw, outputs={**a.raw.outputs, "heatmap": heatmap})
    assert box_target(a.spec, twins, a.result, 0).index == first.index


def test_a_regions_target_is_the_mean_of_its_logits() -> None:
    a = answered("unet-street")
    assert isinstance(a.result, Segmentation)
    class_id = int(a.result.shares().argmax())
    logits = a.raw.outputs["logits"][0]
    height, width = (
        round(side * s) for side, s in zip(a.raw.size_hw, a.raw.letterboxes[0].scale_xy[::-1], strict=True)
    )
    mask = np.zeros(logits.shape[1:], bool)
    mask[:height, :width] = logits.argmax(0)[:height, :width] == class_id
    assert a.target.value(a.raw) == pytest.approx(float(logits[class_id][mask].mean()), rel=1e-4)


def test_a_chosen_region_counts_only_itself() -> None:
    a = answered("unet-street")
    assert isinstance(a.result, Segmentation)
    class_id = int(a.result.shares().argmax())
    picked = a.result.class_map == class_id
    whole = region_target(a.spec, a.raw, class_id, np.ones(a.raw.size_hw, bool)).value(a.raw)
    inside = region_target(a.spec, a.raw, class_id, picked).value(a.raw)
    outside = region_target(a.spec, a.raw, class_id, ~picked).value(a.raw)
    assert inside > whole > outside
    with pytest.raises(UsageError, match="too small"):
        region_target(a.spec, a.raw, class_id, np.zeros(a.raw.size_hw, bool))
    with pytest.raises(ValueError, match="shape"):
        region_target(a.spec, a.raw, class_id, np.zeros((3, 3), bool))


def test_a_clicked_point_asks_about_what_is_there() -> None:
    a = answered("unet-street")
    assert isinstance(a.result, Segmentation)
    cv2 = pytest.importorskip("cv2")
    for class_id in np.argsort(-a.result.shares())[:3]:
        # The middle of the widest part of the class, away from every border.
        depth = cv2.distanceTransform((a.result.class_map == class_id).astype(np.uint8), cv2.DIST_L2, 5)
        y, x = np.unravel_index(depth.argmax(), depth.shape)
        target = point_target(a.spec, a.raw, float(x), float(y))
        assert target.index == (int(class_id),)
        assert target.weights is not None
        assert target.weights.sum() == pytest.approx(1, abs=1e-5)
    with pytest.raises(UsageError, match="outside"):
        point_target(a.spec, a.raw, -1, 5)


@pytest.mark.parametrize("name", ["movenet-lightning", "movenet-multipose"])
def test_a_joints_target_is_its_score(name: str) -> None:
    a = answered(name)
    assert isinstance(a.result, Poses)
    assert len(a.result) >= 2
    for person in range(2):
        for joint in (0, 5, 16):
            target = joint_target(a.spec, a.raw, a.result, person, joint)
            assert target.value(a.raw) == pytest.approx(float(a.result.keypoint_scores[person, joint]), abs=1e-6)


def test_posenets_joint_is_a_cell_next_to_it() -> None:
    a = answered("posenet")
    assert isinstance(a.result, Poses)
    joint = int(a.result.keypoint_scores[0].argmax())
    target = joint_target(a.spec, a.raw, a.result, 0, joint)
    _, y, x = target.index
    place = a.raw.letterboxes[0].to_input(a.result.keypoints[0, joint])
    assert np.hypot(*(place - np.array([x, y]) * 16)) <= 16
    heatmap = a.raw.outputs["heatmap"][0, joint]
    assert target.value(a.raw) > np.quantile(heatmap, 0.95)


@pytest.mark.parametrize("name", NAMES)
def test_arrays_and_tensors_give_the_same_number(name: str) -> None:
    a = answered(name)
    tensors = {key: torch.tensor(array) for key, array in a.raw.outputs.items()}
    np.testing.assert_allclose(a.target.of(tensors).numpy(), a.target.of(a.raw.outputs), rtol=1e-5, atol=1e-6)


def _beyond(a: Answered) -> Target:
    """The target of the first answer that does not exist."""
    if isinstance(a.result, Detections):
        return box_target(a.spec, a.raw, a.result, len(a.result))
    if isinstance(a.result, Poses):
        return joint_target(a.spec, a.raw, a.result, len(a.result), 0)
    return class_target(a.spec, len(a.spec.class_names))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_there_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(UsageError, match="choose"):
        _beyond(answered(name))


def test_a_box_of_another_picture_is_refused() -> None:
    a = answered("centernet")
    assert isinstance(a.result, Detections)
    stranger = Detections(a.result.xyxy, np.full(len(a.result), 0.123, np.float32), a.result.class_ids, a.raw.size_hw)
    with pytest.raises(UsageError, match="not one of this picture's"):
        box_target(a.spec, a.raw, stranger, 0)


def test_without_an_answer_there_is_no_target() -> None:
    a = answered("centernet")
    with pytest.raises(UsageError, match="nothing here"):
        best_target(a.spec, a.raw, Detections.empty(a.raw.size_hw))
