"""From an answer on a task's page to its explanation: whatever a row is called there, the explorer knows it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage
from streamlit.testing.v1 import AppTest

from cvdemo import tasks
from cvdemo.inspect.targets import region_at
from cvdemo.registry import REGISTRY
from cvdemo.samples import load_sample
from cvdemo.tasks import DetectParams
from cvdemo.types import Detections, Poses, Segmentation
from cvdemo.ui.explorer.answers import answer_of, target_at
from cvdemo.ui.view_data import SCORE_FLOOR
from cvdemo.ui.why_links import of_told
from tests.pages.conftest import component_data

Open = Callable[..., AppTest]


def _chosen(at: AppTest) -> str:
    return next(box.value for box in at.selectbox if box.label == "Answer")


def test_a_box_far_below_the_threshold_is_explained(open_page: Open) -> None:
    spec, image = REGISTRY.get("centernet"), load_sample("street")
    found = tasks.run(spec, image, DetectParams(score_threshold=SCORE_FLOOR)).result
    assert isinstance(found, Detections)
    number = len(found) - 1
    assert found.scores[number] < spec.score_threshold
    told = of_told(spec, {"id": number, "key": "x"})
    assert told == f"box:{number}"
    at = open_page("inside", model="centernet", sample="street", target=told)
    assert _chosen(at).startswith(f"{number + 1}. {spec.class_names[int(found.class_ids[number])]}")
    assert at.query_params["target"] == told
    components = [each.proto.component_name for each in at.get("bidi_component")]
    assert components.index("cvdemo.explorer_why") < components.index("cvdemo.explorer_layers")


@pytest.mark.parametrize(
    ("model", "told"),
    [("centernet", {"id": 1}), ("unet-street", {"id": 1}), ("movenet-multipose", {"id": 0, "joint": 9})],
)
def test_rows_of_every_task_are_known(model: str, told: dict[str, int]) -> None:
    spec, image = REGISTRY.get(model), load_sample("street")
    link = of_told(spec, told)
    assert link
    answer = answer_of(spec, image, link)
    target = answer.targets[answer.names[link]]()
    assert np.isfinite(target.value(answer.raw))


def test_a_class_that_is_not_among_the_first_is_explained() -> None:
    spec, image = REGISTRY.get("efficientnet-lite0"), load_sample("coffee")
    answer = answer_of(spec, image, "class:0")
    assert answer.names["class:0"].startswith(spec.class_names[0])


@pytest.mark.parametrize("asked", ["", "nose", "class:", "box:-1", "class:99999", "region:1,2", "joint:0", "at:1"])
def test_nonsense_is_ignored(asked: str) -> None:
    assert len(answer_of(REGISTRY.get("efficientnet-lite0"), load_sample("coffee"), asked).targets) == 5
    assert of_told(REGISTRY.get("centernet"), {"id": True}) is None
    assert of_told(REGISTRY.get("movenet-multipose"), {"id": 0}) is None


def test_a_clicked_region_is_the_one_that_hangs_together() -> None:
    spec, image = REGISTRY.get("unet-street"), load_sample("street")
    answer = answer_of(spec, image)
    result = answer.result
    assert isinstance(result, Segmentation)
    rng = np.random.default_rng(0)
    for x, y in zip(rng.integers(0, image.size_hw[1], 6), rng.integers(0, image.size_hw[0], 6), strict=True):
        class_id, region = region_at(result, float(x), float(y))
        assert class_id == result.class_map[y, x]
        labels, _ = ndimage.label(result.class_map == class_id, np.ones((3, 3)))
        np.testing.assert_array_equal(region, labels == labels[y, x])


def test_a_clicked_region_becomes_the_question(open_page: Open) -> None:
    at = open_page("inside", model="unet-street", sample="street", target="at:300,900")
    assert "around (300, 900)" in _chosen(at)
    assert component_data(at, "explorer_why")["hint"]


def test_a_click_finds_the_smallest_box_and_the_nearest_joint() -> None:
    image = load_sample("street")
    answer = answer_of(REGISTRY.get("centernet"), image)
    assert isinstance(answer.result, Detections)
    areas = np.prod(answer.result.xyxy[:, 2:] - answer.result.xyxy[:, :2], axis=1)
    small = int(areas.argmin())
    x, y = answer.result.xyxy[small].reshape(2, 2).mean(axis=0)
    assert target_at(answer, float(x), float(y)) == f"box:{small}"
    assert target_at(answer, 0, 0) is None
    poses = answer_of(REGISTRY.get("movenet-multipose"), image)
    assert isinstance(poses.result, Poses)
    x, y = poses.result.keypoints[0, 6]
    assert target_at(poses, float(x), float(y)) == "joint:0,6"
