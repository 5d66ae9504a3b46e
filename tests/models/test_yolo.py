"""The YOLO adapter against ultralytics' own predictor, on networks built here (their answers mean nothing)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cvdemo.engine import Engine
from cvdemo.errors import WeightsError, WeightsMissingError
from cvdemo.models import family_of
from cvdemo.models.boxes import nms_index, select
from cvdemo.models.yolo import _import_safely, preprocess
from cvdemo.registry import REGISTRY, yolo_spec
from cvdemo.settings import Settings
from cvdemo.types import Detections, Image, Poses, Segmentation


def _build(config: str, path: Path, image: Image, confident: int) -> None:
    """A network with random weights whose scores are spread out, so that its answers are not empty."""
    _import_safely()
    import torch
    from ultralytics import YOLO

    torch.manual_seed(3)
    model = YOLO(config)
    network = model.model
    photo = torch.tensor(preprocess(yolo_spec(path.name, path.parent), image).inputs)
    for branch in network.model[-1].cv3:
        torch.nn.init.zeros_(branch[-1].bias)
        torch.nn.init.normal_(branch[-1].weight)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0  # one pass in training mode gives every layer features that vary
    with torch.no_grad():
        network.train()(photo)
        logits = network.eval()(photo)[-1]["scores"]
        best = (logits / logits.std()).amax(dim=1).sort(descending=True).values[0]
        for branch in network.model[-1].cv3:
            branch[-1].weight /= logits.std()
            branch[-1].bias.fill_(float(-1.0 - best[confident]))  # so many score above 0.27
    model.save(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, bus: Image) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    for name in ("yolo11n", "yolo11n-seg", "yolo11n-pose"):
        _build(f"{name}.yaml", folder / f"{name}.pt", bus, confident=60)
    return folder


@pytest.fixture
def engine(folder: Path, tmp_path: Path, fresh_settings: pytest.MonkeyPatch) -> Engine:
    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(folder))
    return Engine(Settings(device="cpu", threads=1, weights_dir=folder, cache_dir=tmp_path))


def _reference(path: Path, image: Image, **options: Any) -> Any:
    from ultralytics import YOLO

    bgr = np.ascontiguousarray(image.pixels[..., ::-1])
    # rect=False: ultralytics would otherwise pad only to the next multiple of 32, which the app does not.
    return YOLO(path).predict(bgr, imgsz=640, rect=False, verbose=False, device="cpu", **options)[0]


def _run(engine: Engine, folder: Path, name: str, image: Image) -> Any:
    spec = yolo_spec(f"{name}.pt", folder)
    return family_of(spec).decode(spec, engine.forward(spec, image))


def test_boxes_are_those_of_ultralytics(engine: Engine, folder: Path, bus: Image) -> None:
    found = _run(engine, folder, "yolo11n", bus)
    assert isinstance(found, Detections)
    ours = select(found, score_threshold=0.3, iou_threshold=0.6, max_detections=50)
    theirs = _reference(folder / "yolo11n.pt", bus, conf=0.3, iou=0.6, max_det=50).boxes
    assert len(ours) > 5
    # Random scores come in near ties, which may swap places; so each of theirs is looked for among ours.
    near = np.abs(theirs.xyxy.numpy()[:, None] - ours.xyxy[None]).max(axis=2) < 0.5
    near &= np.abs(theirs.conf.numpy()[:, None] - ours.scores[None]) < 1e-3
    near &= theirs.cls.numpy()[:, None] == ours.class_ids[None]
    assert near.any(axis=1).mean() >= 0.95


def test_joints_are_those_of_ultralytics(engine: Engine, folder: Path, bus: Image) -> None:
    poses = _run(engine, folder, "yolo11n-pose", bus)
    assert isinstance(poses, Poses)
    theirs = _reference(folder / "yolo11n-pose.pt", bus, conf=0.02, iou=0.7, max_det=20)
    count = min(len(poses), len(theirs.boxes), 10)
    assert count > 0
    height, width = bus.size_hw
    inside = poses.keypoints[:count].clip(0, (width, height))
    seen = theirs.keypoints.conf.numpy()[:count] > 0.5  # ultralytics sets the others to zero
    np.testing.assert_allclose(inside[seen], theirs.keypoints.xy.numpy()[:count][seen], atol=1.0)
    np.testing.assert_allclose(poses.boxes.scores[:count], theirs.boxes.conf.numpy()[:count], atol=1e-3)


def test_masks_agree_with_ultralytics(engine: Engine, folder: Path, bus: Image) -> None:
    result = _run(engine, folder, "yolo11n-seg", bus)
    assert isinstance(result, Segmentation)
    theirs = _reference(folder / "yolo11n-seg.pt", bus, conf=0.25, iou=0.7, max_det=300, retina_masks=True)
    class_map = np.zeros(bus.size_hw, np.uint8)
    order = np.argsort(theirs.boxes.conf.numpy(), kind="stable")
    for i in order:
        class_map[theirs.masks.data[i].numpy() > 0.5] = int(theirs.boxes.cls[i]) + 1
    assert 1 < len(theirs.boxes) < 100
    assert (result.class_map > 0).any()
    assert (result.class_map == class_map).mean() > 0.97
    np.testing.assert_allclose(result.probs.sum(axis=0), 1, atol=1e-5)


def test_rows_of_absent_files_say_what_to_do(folder: Path) -> None:
    spec = REGISTRY.get("yolo11n")
    with pytest.raises(
        WeightsMissingError, match=r"not downloaded; fetch it on .* or put yolo11n\.pt into the weights folder"
    ):
        Engine(Settings(device="cpu")).module(spec)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04" + bytes(200)])
def test_a_broken_file_is_one_sentence(content: bytes, tmp_path: Path, fresh_settings: pytest.MonkeyPatch) -> None:
    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path))
    (tmp_path / "broken.pt").write_bytes(content)
    with pytest.raises(WeightsError, match="not a YOLO checkpoint"):
        Engine(Settings(device="cpu")).module(yolo_spec("broken.pt", tmp_path))


def test_a_pickle_that_runs_code_is_refused(tmp_path: Path, fresh_settings: pytest.MonkeyPatch) -> None:
    import torch

    class Payload:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return Path.touch, (tmp_path / "executed",)  # type: ignore[return-value]

    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path))
    torch.save({"model": Payload()}, tmp_path / "evil.pt")
    with pytest.raises(WeightsError):
        Engine(Settings(device="cpu")).module(yolo_spec("evil.pt", tmp_path))
    assert not (tmp_path / "executed").exists()


def test_a_file_of_another_task_says_how_to_name_it(
    engine: Engine, folder: Path, tmp_path: Path, fresh_settings: pytest.MonkeyPatch
) -> None:
    shutil.copy(folder / "yolo11n-pose.pt", tmp_path / "people.pt")
    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path))
    from cvdemo.settings import settings

    settings.cache_clear()
    with pytest.raises(WeightsError, match="-pose"):
        engine.module(yolo_spec("people.pt", tmp_path))


def test_suppression_is_that_of_torchvision() -> None:
    import torch
    from torchvision.ops import batched_nms

    rng = np.random.default_rng(0)
    corner = rng.uniform(-20, 80, (300, 2))
    xyxy = np.concatenate([corner, corner + rng.uniform(5, 40, (300, 2))], axis=1).astype(np.float32)
    scores = rng.uniform(0, 1, 300).astype(np.float32)
    class_ids = rng.integers(0, 3, 300)
    ours = nms_index(Detections(xyxy, scores, class_ids, (120, 120)), 0.5)
    theirs = batched_nms(torch.tensor(xyxy), torch.tensor(scores), torch.tensor(class_ids), 0.5)
    np.testing.assert_array_equal(ours, theirs.numpy())
