"""What is done with a trained segmentation network: evaluated, averaged over sizes and mirror images, calibrated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torchmetrics.classification import MulticlassJaccardIndex

from cvdemo import tasks
from cvdemo.imaging import image_from_pixels, load_image
from cvdemo.registry import REGISTRY
from cvdemo.tasks.certainty import MARGIN, doubtful_share
from cvdemo.training import calibrate, evaluate
from cvdemo.training.segment_commands import calibrate_segment, evaluate_segment
from cvdemo.training.segmentation_data import pair_paths, read_mask
from cvdemo.training.tta import averaged
from cvdemo.types import Image
from tests.training.test_segmentation_data import write_scenes

SPEC = REGISTRY.get("unet-street")
CLASSES = len(SPEC.class_names)


@pytest.fixture
def small(bus: Image) -> Image:
    return image_from_pixels(np.ascontiguousarray(bus.pixels[300:700:2, ::2]), "street")


def test_average_is_a_distribution_over_the_classes_and_does_not_care_for_mirrors(small: Image) -> None:
    there = averaged(SPEC, small, (1.0,)).result
    back = averaged(SPEC, image_from_pixels(np.ascontiguousarray(small.pixels[:, ::-1])), (1.0,)).result
    assert there.probs.shape == (CLASSES, *small.size_hw)
    np.testing.assert_allclose(there.probs.sum(0), 1, atol=1e-3)
    np.testing.assert_allclose(there.probs, back.probs[:, :, ::-1], atol=1e-3)
    np.testing.assert_array_equal(there.class_map, there.probs.argmax(0))


def test_average_over_one_size_is_the_mean_of_the_picture_and_its_mirror_image(small: Image) -> None:
    plain = tasks.run(SPEC, small).result
    assert (averaged(SPEC, small, (1.0,)).result.class_map == plain.class_map).mean() > 0.85
    wider = averaged(SPEC, small, (0.75, 1.25)).result
    assert (wider.class_map == plain.class_map).mean() > 0.7
    assert not np.array_equal(wider.probs, averaged(SPEC, small, (1.0,)).result.probs)


def test_evaluation_equals_torchmetrics_on_the_same_answers(tmp_path: Path) -> None:
    write_scenes(tmp_path, "val", 3)
    found = evaluate.evaluate_segment(SPEC, tmp_path)
    assert found.pictures == 3
    metric = MulticlassJaccardIndex(CLASSES, average="none", ignore_index=CLASSES)
    for picture, mask in pair_paths(tmp_path, "val"):
        image = load_image(picture.read_bytes(), picture.name)
        truth = read_mask(mask, image.size_hw, CLASSES).astype(np.int64)
        metric.update(torch.tensor(tasks.run(SPEC, image).result.class_map.astype(np.int64)), torch.tensor(truth))
    np.testing.assert_allclose(np.nan_to_num(found.matrix.iou()), metric.compute().numpy(), atol=1e-6)


def test_evaluate_prints_both_figures_with_tta(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_scenes(tmp_path, "val", 1)
    assert evaluate_segment(tmp_path, tta=True) == 0
    said = capsys.readouterr().out
    assert said.count("mIoU") == 2
    assert "each also mirrored" in said


def test_calibration_warns_about_the_most_doubtful_of_its_pictures(tmp_path: Path) -> None:
    write_scenes(tmp_path, "val", 6)
    found = calibrate.calibrate(SPEC, tmp_path)
    pictures = [load_image(path.read_bytes(), path.name) for path, _ in pair_paths(tmp_path, "val")]
    shares = [doubtful_share(tasks.run(SPEC, image).result) for image in pictures]
    assert found.pictures == 6
    assert sorted(shares)[-2] - 1e-4 <= found.limit / MARGIN <= max(shares) + 1e-4
    assert 0 <= found.measured <= 1


def test_a_limit_is_recorded_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "limits.json"
    calibrate.record(SPEC, calibrate.Calibration(limit=0.2, measured=0.1, pictures=9), file)
    other = REGISTRY.get("fcn-street")
    calibrate.record(other, calibrate.Calibration(limit=0.3, measured=0.0, pictures=8), file)
    rows = json.loads(file.read_text())
    assert {name: row["limit"] for name, row in rows.items()} == {"unet-street": 0.2, "fcn-street": 0.3}
    assert rows["unet-street"]["pictures"] == 9
    write_scenes(tmp_path, "val", 1)
    assert calibrate_segment(tmp_path) == 0
    assert "false alarms" in capsys.readouterr().out
