"""Answers of every live network are those of the task pages; feature maps come from the same pass; no hook stays."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.errors import UnknownModelError, UsageError
from cvdemo.inspect.hooks import hook_count
from cvdemo.live import maps
from cvdemo.live.catalogue import live_model, live_models
from cvdemo.live.frames import load_frame
from cvdemo.live.pipeline import Pipeline
from cvdemo.live.protocol import Settings
from cvdemo.registry import REGISTRY, TASKS
from cvdemo.tasks import DetectParams, PoseParams, default_params
from cvdemo.types import Image
from tests.live.conftest import as_jpeg

PLAIN = Settings(smooth=False, track=False)


def _answer(pipeline: Pipeline, jpeg: bytes, frames: int = 1) -> tuple[dict[str, Any], dict[str, bytes]]:
    answers = [pipeline.answer(i, jpeg, 100 + i / 15) for i in range(frames)]
    return answers[-1]


def test_every_task_has_live_networks_and_a_small_default() -> None:
    models = live_models()
    assert {m.spec.task for m in models} == set(TASKS)
    assert models[0].spec.name == "movenet-lightning"
    assert live_model("centernet").side == 384
    assert not any(m.spec.family == "fashion" for m in models)
    for model in models:
        assert model.side in model.sides
        assert model.at(0).input_hw == (model.side, model.side)
        assert model.at(999) == model.at(0)
    with pytest.raises(UnknownModelError, match="movenet-lightning"):
        live_model("article-cnn")


@pytest.mark.parametrize("name", [m.spec.name for m in live_models()])
def test_answers_of_every_live_network(name: str, jpeg: bytes) -> None:
    pipeline = Pipeline(Settings(model=name))
    head, parts = _answer(pipeline, jpeg, 3)
    ready = pipeline.ready()
    assert (head["task"], head["size"], head["frame"]) == (pipeline.spec.task, [360, 480], 2)
    assert head["items"], "this network sees nothing in a street with a bus and people"
    assert set(head["ms"]) == {"decode", "search", "network", "prepare", "answer"}
    if head["task"] == "pose":
        assert ready["joints"]
        assert all(len(item[6]) == 3 * 17 for item in head["items"])
    if head["task"] == "detect":
        assert ready["classes"][head["items"][0][5]] in ("person", "bus")
    if head["task"] == "segment":
        mask = PILImage.open(BytesIO(parts["mask"]))
        assert mask.mode == "P"
        assert mask.size == (360, 480)
        counts = np.bincount(np.asarray(mask).ravel(), minlength=len(ready["classes"])) / (360 * 480)
        for kind, share in head["items"]:
            assert counts[kind] == pytest.approx(share, abs=1e-3)
    if head["task"] == "classify":
        assert head["items"][0][2] == max(item[2] for item in head["items"])


@pytest.mark.parametrize("name", ["centernet", "nanodet"])
def test_boxes_are_those_of_the_detect_page(name: str, jpeg: bytes) -> None:
    spec = REGISTRY.get(name)
    pipeline = Pipeline(replace(PLAIN, model=name, side=spec.input_hw[0], score=0.3))
    found = tasks.run(spec, load_frame(jpeg), DetectParams(score_threshold=0.3)).result
    head, _ = _answer(pipeline, jpeg)
    np.testing.assert_allclose([item[:4] for item in head["items"]], found.xyxy, atol=0.06)
    assert [item[5] for item in head["items"]] == found.class_ids.tolist()


@pytest.mark.parametrize("name", ["movenet-multipose", "posenet"])
def test_joints_are_those_of_the_pose_page(name: str, jpeg: bytes) -> None:
    spec = REGISTRY.get(name)
    pipeline = Pipeline(replace(PLAIN, model=name, side=spec.input_hw[0]))
    poses = tasks.run(spec, load_frame(jpeg), default_params(spec)).result
    head, _ = _answer(pipeline, jpeg)
    joints = np.array([item[6] for item in head["items"]]).reshape(-1, 17, 3)
    np.testing.assert_allclose(joints[..., :2], poses.keypoints, atol=0.06)


def test_a_smaller_input_finds_the_same_people() -> None:
    """CenterNet at 384 on the street: every person and the bus that it finds at 512, at the same places."""
    from cvdemo.samples import load_sample

    jpeg = as_jpeg(load_sample("street").pixels, (480, 640))
    boxes = {}
    for side in (384, 512):
        head, _ = _answer(Pipeline(replace(PLAIN, model="centernet", side=side, score=0.4)), jpeg)
        boxes[side] = {item[5]: item[:4] for item in reversed(head["items"])}
    assert set(boxes[384]) >= {0, 5}
    np.testing.assert_allclose(boxes[384][5], boxes[512][5], atol=40)


def test_followed_people_keep_their_joints_and_numbers(jpeg: bytes) -> None:
    """Between two searches the joints are those that the detector's box gives, within a few pixels."""
    pipeline = Pipeline(replace(PLAIN, model="movenet-lightning", track=True))
    heads = [pipeline.answer(i, jpeg, 50 + i / 15)[0] for i in range(8)]
    assert [head["ms"]["search"] > 0 for head in heads] == [True] + [False] * 7
    spec = REGISTRY.get("movenet-lightning")
    poses = tasks.run(spec, load_frame(jpeg), PoseParams(score_threshold=0.25)).result
    for joints, scores in zip(poses.keypoints, poses.keypoint_scores, strict=True):
        sure = scores > 0.5
        distance = min(
            np.linalg.norm(np.array(item[6]).reshape(17, 3)[sure, :2] - joints[sure], axis=1).mean()
            for item in heads[-1]["items"]
        )
        assert distance < 12
    numbers = [{item[5] for item in head["items"] if item[5] > 0} for head in heads[2:]]
    assert all(each == numbers[0] for each in numbers)
    assert numbers[0]


def test_classes_and_scores_change_while_it_runs(jpeg: bytes) -> None:
    pipeline = Pipeline(Settings(model="centernet"))
    everything, _ = _answer(pipeline, jpeg, 3)
    for wanted, allowed in (
        (Settings(model="centernet", classes=(5,)), {5}),
        (Settings(model="centernet", score=0.9), set()),
    ):
        assert pipeline.serves(wanted)
        pipeline.settings = wanted
        head, _ = pipeline.answer(9, jpeg, 101)
        assert {item[5] for item in head["items"]} == allowed
    assert {item[5] for item in everything["items"]} == {0, 5}
    for other in (
        Settings(model="nanodet"),
        Settings(model="centernet", side=512),
        Settings(model="centernet", layer="auto"),
    ):
        assert not pipeline.serves(other)


def test_hidden_classes_are_not_painted(jpeg: bytes) -> None:
    pipeline = Pipeline(Settings(model="unet-street", classes=(3,)))
    _, parts = _answer(pipeline, jpeg)
    mask = PILImage.open(BytesIO(parts["mask"]))
    painted = np.asarray(mask.convert("RGBA"))[..., 3] > 0
    assert (painted == (np.asarray(mask) == 3)).all()


@pytest.mark.parametrize(
    "name", ["centernet", "unet-clothing", "movenet-lightning", "movenet-multipose", "efficientnet-lite0"]
)
def test_maps_move_with_the_answer_and_leave_no_hook(name: str, jpeg: bytes) -> None:
    plain, _ = _answer(Pipeline(replace(PLAIN, model=name)), jpeg)
    pipeline = Pipeline(replace(PLAIN, model=name, layer=maps.AUTO, channels=6))
    head, parts = _answer(pipeline, jpeg)
    assert len(head["items"]) == len(plain["items"])
    tall, wide = head["maps"]["tile"]
    strip = PILImage.open(BytesIO(parts["maps"]))
    assert strip.size == (6 * wide, tall)
    assert len(set(head["maps"]["channels"])) == 6
    assert len(parts["maps"]) < 40_000
    x0, y0, x1, y1 = head["maps"]["box"]
    assert 0 <= x0 < x1 <= 360
    assert 0 <= y0 < y1 <= 480
    assert hook_count(engine().module(pipeline.spec)) == 0
    flipped = as_jpeg(np.asarray(PILImage.open(BytesIO(jpeg)))[:, ::-1])
    moved, other = _answer(pipeline, flipped)
    assert moved["maps"]["channels"] == head["maps"]["channels"], "the channels change places from frame to frame"
    assert other["maps"] != parts["maps"]


def test_maps_are_the_answer_of_the_chosen_layer(jpeg: bytes) -> None:
    from cvdemo.inspect.activations import capture

    image = load_frame(jpeg)
    spec = live_model("centernet").at(0)
    layer = maps.layers_of(spec)[2].name
    _, found = maps.forward_with_maps(spec, image, None, layer)
    assert found is not None
    expected = capture(spec, image, [layer])[layer].astype(np.float32)
    np.testing.assert_allclose(found, expected, atol=2e-2, rtol=1e-2)


def test_no_hook_stays_after_a_failure(bus: Image) -> None:
    spec = live_model("centernet").at(0)
    with pytest.raises(UsageError, match="no layer"):
        maps.forward_with_maps(spec, bus, None, "nowhere")
    assert hook_count(engine().module(spec)) == 0
    with pytest.raises(UsageError, match="no layer"):
        Pipeline(Settings(model="centernet", layer="nowhere"))


def test_nobody_in_the_frame_is_an_answer_too() -> None:
    blank = as_jpeg(np.full((48, 64, 3), 128, np.uint8))
    for layer in ("", maps.AUTO):
        head, parts = _answer(Pipeline(Settings(model="movenet-lightning", layer=layer)), blank)
        assert head["items"] == []
        assert parts == {}


def test_frames_leave_nothing_in_the_cache_of_pages(jpeg: bytes) -> None:
    pipeline = Pipeline(Settings(model="nanodet"))
    image = load_frame(jpeg)
    _answer(pipeline, jpeg)
    before = engine().forward_count
    engine().forward(pipeline.spec, image)
    assert engine().forward_count == before + 1
