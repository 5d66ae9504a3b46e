"""The numbers behind a YOLO's boxes, joints and masks, on networks built here (their answers mean nothing)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from cvdemo.engine import Engine
from cvdemo.errors import UsageError
from cvdemo.inspect.cam import activation_map
from cvdemo.inspect.targets import best_target, box_target, joint_target, region_at, region_target
from cvdemo.inspect.tree import layer_tree
from cvdemo.models import family_of
from cvdemo.registry import yolo_spec
from cvdemo.settings import Settings
from cvdemo.types import Detections, Image, Poses, RawOutput, Segmentation
from tests.models.test_yolo import _build

pytest.importorskip("ultralytics")


class Ran:
    """A network of random weights on a picture."""

    def __init__(self, name: str, folder: Path, image: Image) -> None:
        _build(f"{name}.yaml", folder / f"{name}.pt", image, confident=60)
        self.spec = yolo_spec(f"{name}.pt", folder)
        engine = Engine(Settings(device="cpu", threads=1, weights_dir=folder, cache_dir=folder))
        self.raw: RawOutput = engine.forward(self.spec, image)
        self.result = family_of(self.spec).decode(self.spec, self.raw)
        self.network = engine.module(self.spec)
        self.inputs = torch.tensor(engine.prepare(self.spec, image).inputs)


@pytest.fixture
def ran(request: pytest.FixtureRequest, tmp_path: Path, bus: Image, fresh_settings: pytest.MonkeyPatch) -> Ran:
    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path))
    return Ran(request.param, tmp_path, bus)


@pytest.mark.parametrize("ran", ["yolo11n", "yolo11n-pose"], indirect=True)
def test_the_inside_opens_and_an_answer_is_explained_after_it(ran: Ran) -> None:
    tree = layer_tree(ran.network, ran.inputs)
    assert len(tree.maps) > 50
    assert tree.stages()[0].name.startswith("network.model.0")
    target = best_target(ran.spec, ran.raw, ran.result)
    names = family_of(ran.spec).output_names
    found = activation_map(ran.network, names, ran.inputs, target, "network.model.9", "layer-cam")
    assert found.values.max() > 0


@pytest.mark.parametrize("ran", ["yolo11n"], indirect=True)
def test_box_is_its_score(ran: Ran) -> None:
    assert isinstance(ran.result, Detections)
    for i in (0, len(ran.result) // 2):
        assert box_target(ran.spec, ran.raw, ran.result, i).value(ran.raw) == ran.result.scores[i]


@pytest.mark.parametrize("ran", ["yolo11n-pose"], indirect=True)
def test_joint_is_its_score_and_can_be_explained(ran: Ran) -> None:
    assert isinstance(ran.result, Poses)
    for person, joint in ((0, 0), (1, 9), (2, 16)):
        target = joint_target(ran.spec, ran.raw, ran.result, person, joint)
        assert target.value(ran.raw) == pytest.approx(ran.result.keypoint_scores[person, joint], abs=1e-6)
    names = family_of(ran.spec).output_names
    found = activation_map(ran.network, names, ran.inputs, target, "network.model.9", "layer-cam")
    assert found.score == pytest.approx(target.value(ran.raw), abs=1e-4)


@pytest.mark.parametrize("ran", ["yolo11n-seg"], indirect=True)
def test_mask_of_a_clicked_thing_is_its_mean_logit(ran: Ran) -> None:
    result = ran.result
    assert isinstance(result, Segmentation)
    row, column = np.argwhere(result.class_map > 0)[result.class_map.astype(bool).sum() // 2]
    class_id, region = region_at(result, float(column), float(row))
    for target in (
        region_target(ran.spec, ran.raw, class_id, region),
        region_target(ran.spec, ran.raw, class_id),
    ):
        # The mask's logit is positive inside of the mask, which is where it was cut off.
        assert target.value(ran.raw) > 0
        assert target.weights is not None
        assert target.weights.sum() == pytest.approx(1)
    names = family_of(ran.spec).output_names
    found = activation_map(ran.network, names, ran.inputs, target, "network.model.9", "layer-cam")
    assert found.score == pytest.approx(target.value(ran.raw), rel=1e-3)
    with pytest.raises(UsageError, match="background"):
        region_target(ran.spec, ran.raw, 0)
