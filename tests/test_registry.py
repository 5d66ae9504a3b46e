"""The registry, and one contract that every model in it keeps."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.errors import UnknownModelError
from cvdemo.imaging import image_from_pixels
from cvdemo.models import family_of
from cvdemo.registry import REGISTRY, TASKS, ModelSpec, Registry
from cvdemo.types import Classification, Detections, Image, Poses, Segmentation
from cvdemo.weights import papers, unavailable_reason

RESULTS = {"classify": Classification, "detect": Detections, "segment": Segmentation, "pose": Poses}
SHIPPED = [spec for spec in REGISTRY if spec.family not in ("classics", "yolo")]


def _names(specs: list[ModelSpec]) -> list[str]:
    return [spec.name for spec in specs]


@pytest.mark.parametrize("spec", SHIPPED, ids=_names(SHIPPED))
class TestContract:
    """What holds for every network that ships with the app."""

    def test_weights_are_here_with_their_papers(self, spec: ModelSpec) -> None:
        assert unavailable_reason(spec) is None
        row = papers(spec)
        assert row is not None
        assert row.source
        assert row.licence
        assert row.regenerate
        assert row.bytes <= 13_000_000

    def test_parameters_are_those_of_the_module(self, spec: ModelSpec) -> None:
        row = papers(spec)
        assert row is not None
        module = family_of(spec).build(spec)
        assert row.parameters == sum(p.numel() for p in module.parameters())

    def test_the_runtime_answers_as_the_module_does(self, spec: ModelSpec, bus: Image) -> None:
        import torch

        raw = engine().forward(spec, bus)
        inputs = torch.tensor(engine().prepare(spec, bus).inputs)
        with torch.no_grad():
            outputs = engine().module(spec)(inputs)
        for name, output in zip(family_of(spec).output_names, outputs, strict=True):
            expected = output.float().cpu().numpy()
            span = max(float(np.ptp(expected)), 1e-6)
            assert np.abs(raw.outputs[name] - expected).max() <= 1e-3 * span, name

    @pytest.mark.parametrize("size_hw", [(1, 1), (3, 200), (700, 20), (480, 640)])
    def test_any_picture_gives_a_sound_result(self, spec: ModelSpec, size_hw: tuple[int, int]) -> None:
        pixels = np.random.default_rng(sum(size_hw)).integers(0, 256, (*size_hw, 3), np.uint8)
        image = image_from_pixels(pixels, "noise")
        result = tasks.run(spec, image).result
        assert isinstance(result, RESULTS[spec.task])
        _check_sound(result, size_hw, spec)

    def test_the_same_picture_goes_through_once(self, spec: ModelSpec, bus: Image) -> None:
        engine().forward(spec, bus)
        before = engine().forward_count
        tasks.run(spec, bus)
        assert engine().forward_count == before


def _check_sound(result: object, size_hw: tuple[int, int], spec: ModelSpec) -> None:
    height, width = size_hw
    if isinstance(result, Classification):
        assert result.probs.sum() == pytest.approx(1, abs=1e-4)
        assert result.class_names == spec.class_names
    if isinstance(result, Segmentation):
        assert result.class_map.shape == size_hw
        assert result.class_map.max() < len(spec.class_names)
        np.testing.assert_allclose(result.probs.sum(axis=0), 1, atol=1e-4)
    if isinstance(result, Poses):
        assert np.isfinite(result.keypoints).all()
        assert ((result.keypoint_scores >= 0) & (result.keypoint_scores <= 1)).all()
    boxes = result.boxes if isinstance(result, Poses) else result
    if isinstance(boxes, Detections):
        assert (boxes.xyxy >= 0).all()
        assert (boxes.xyxy <= [width, height, width, height]).all()
        assert (np.diff(boxes.scores) <= 0).all()


def test_every_task_has_one_default_that_ships() -> None:
    for task in TASKS:
        assert [spec.default for spec in REGISTRY.of_task(task)].count(True) == 1
        assert unavailable_reason(REGISTRY.default(task)) is None


def test_duplicates_are_refused() -> None:
    spec = REGISTRY.get("centernet")
    with pytest.raises(ValueError, match="registered already"):
        Registry([spec, spec])


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownModelError, match=r"no model 'yolo9' for detect; choose one of: centernet, nanodet"):
        REGISTRY.get("yolo9", "detect")


def test_aliases_reach_their_model() -> None:
    assert REGISTRY.get("fashion").name == "fashion-nano"
    assert REGISTRY.get("imagenet", "classify").name == "efficientnet-lite0"
