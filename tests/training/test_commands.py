"""`train` and `evaluate` from end to end, on data small enough to take a moment."""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from cvdemo.engine import engine
from cvdemo.errors import DatasetError, UnknownModelError, UsageError
from cvdemo.fashion_samples import fashion_samples
from cvdemo.settings import settings
from cvdemo.training import commands
from cvdemo.training.fashion_mnist import Garments
from tests.training.test_segmentation_data import write_scenes


@pytest.fixture
def small(tmp_path: Path, fresh_settings: pytest.MonkeyPatch) -> Path:
    """An empty weights folder, and the thousand samples in the place of Fashion-MNIST."""
    samples = fashion_samples()
    garments = Garments(samples.images, samples.labels)
    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path / "weights"))
    fresh_settings.setenv("CVDEMO_CACHE_DIR", "")
    fresh_settings.setattr("cvdemo.training.fashion_mnist.read_garments", lambda split: garments)
    fresh_settings.setattr("cvdemo.training.evaluate.read_garments", lambda split: garments)
    fresh_settings.setattr("cvdemo.training.fashion_mnist.HELD_OUT", 200)
    settings.cache_clear()
    engine.cache_clear()
    yield tmp_path
    engine.cache_clear()


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    commands.add_commands(parser.add_subparsers())
    args = parser.parse_args(words)
    status: int = args.run(args)
    return status


@pytest.mark.slow
def test_a_garment_network_is_trained_installed_and_measured(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--epochs", "2", "--runs", str(small / "runs"), "--install")
    assert _run("train", "fashion", *options) == 0
    weights = small / "weights" / "fashion-nano.safetensors"
    first = weights.read_bytes()
    assert _run("train", "fashion", *options) == 0  # nothing left to train: the same file again
    assert weights.read_bytes() == first

    row = json.loads((small / "weights" / "manifest.json").read_text())["fashion-nano.safetensors"]
    assert row["sha256"] == hashlib.sha256(first).hexdigest()
    assert row["parameters"] == 88_210
    log = json.loads((small / "weights" / "fashion-nano.log.json").read_text())
    assert [record["epoch"] for record in log["epochs"]] == [1, 2]
    assert log["parameters"] == 88_210
    assert log["figures"] == row["accuracy"]

    capsys.readouterr()
    assert _run("evaluate", "fashion") == 0
    printed = capsys.readouterr().out
    assert f"accuracy        {row['accuracy'][0]['value']:.4f}" in printed
    assert "time per image" in printed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "variable", "last_class", "metrics"),
    [
        ("unet-street", "CVDEMO_CAMVID", "cyclist", {"mIoU", "pixel accuracy"}),
        ("unet-clothing", "CVDEMO_CLOTHING", "accessory", {"mIoU", "pixel accuracy", "person IoU"}),
    ],
)
def test_a_segmentation_network_is_trained_installed_and_measured(
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    model: str,
    variable: str,
    last_class: str,
    metrics: set[str],
) -> None:
    for split in ("train", "val"):
        write_scenes(small / "data", split, 2)
    monkeypatch.setenv(variable, str(small / "data"))
    monkeypatch.setattr("cvdemo.training.segment.load_imagenet_encoder", lambda encoder: None)
    order = ("train", "segment", "--model", model, "--epochs", "1", "--runs", str(small / "runs"), "--install")
    assert _run(*order) == 0
    log = json.loads((small / "weights" / f"{model}.log.json").read_text())
    assert {figure["metric"] for figure in log["figures"]} == metrics
    assert log["recipe"]["epochs"] == 1
    assert (small / "weights" / f"{model}.safetensors").stat().st_size < 12_000_000
    capsys.readouterr()
    assert _run("evaluate", "segment", "--model", model) == 0
    printed = capsys.readouterr().out
    assert f"mIoU            {log['figures'][0]['value']:.4f}" in printed
    assert f"IoU {last_class}" in printed
    assert ("person IoU" in printed) == ("person IoU" in metrics)


def test_a_second_stage_goes_on_from_the_installed_weights(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for split in ("train", "val"):
        write_scenes(small / "data", split, 4)
    monkeypatch.setenv("CVDEMO_CAMVID", str(small / "data"))
    monkeypatch.setattr("cvdemo.training.segment.load_imagenet_encoder", lambda encoder: None)
    order = ("train", "segment", "--epochs", "1", "--runs", str(small / "runs"), "--install")
    assert _run(*order) == 0
    file = small / "weights" / "unet-street.safetensors"
    first = load_file(file)
    assert _run(*order, "--stage", "2") == 0
    log = json.loads((small / "weights" / "unet-street.log.json").read_text())
    assert [record["epoch"] for record in log["epochs"]] == [1, 2]
    assert [recipe["stage"] for recipe in log["recipe"]["later"]] == [2]
    # One step at the low rate of a first step: the weights have moved, and only a little.
    moved = max(float(abs(value - first[name]).max()) for name, value in load_file(file).items() if "weight" in name)
    assert 0 < moved < 0.1
    with pytest.raises(UnknownModelError, match="has no stage 2; its last one is 1"):
        _run("train", "segment", "--model", "fcn-street", "--data", str(small / "data"), "--stage", "2")


def test_wrong_requests_are_explained(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CVDEMO_CAMVID", raising=False)
    with pytest.raises(UsageError, match="--data"):
        _run("train", "segment")
    with pytest.raises(UsageError, match="CVDEMO_CAMVID"):
        _run("evaluate", "segment")
    with pytest.raises(DatasetError, match="--data"):
        _run("evaluate", "segment", "--data", str(small))
    with pytest.raises(UnknownModelError, match="unet-street"):
        _run("train", "segment", "--model", "yolo11n-seg", "--data", str(small))
    with pytest.raises(UsageError, match="garments"):
        _run("evaluate", "fashion", "--model", "efficientnet-lite0")
    with pytest.raises(SystemExit):
        _run("train", "fashion", "--epochs", "0")


def test_the_parser_loads_no_torch() -> None:
    code = "import sys, cvdemo.training.commands; print(*{'torch', 'cv2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
