"""The command line with real networks: what it writes, what it says, how it ends."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvdemo.batch import pictures_in, unique_stems
from cvdemo.cli import main
from cvdemo.registry import REGISTRY
from cvdemo.samples import SAMPLES
from cvdemo.weights import unavailable_reason
from tests.conftest import need


def sample_file(name: str) -> Path:
    file = next(s for s in SAMPLES if s.name == name).file
    assert file is not None
    return file


def predict(task: str, output: Path, *arguments: str | Path) -> int:
    spec = REGISTRY.default(task)
    need(unavailable_reason(spec) is None, f"weights/{spec.weights}")
    return main(["predict", "--task", task, "--output", str(output), *map(str, arguments)])


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """A folder with the street photo in it."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "street.jpg").write_bytes(sample_file("street").read_bytes())
    return folder


def test_detect(street: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    assert predict("detect", out, "--overlay", street) == 0
    (record,) = read(out / "predictions.json")
    assert record["file"] == str(street / "street.jpg")
    assert record["model"] == "centernet"
    found = [d["class_name"] for d in record["detections"]]
    assert found.count("person") >= 3
    assert found.count("bus") == 1
    bus = next(d for d in record["detections"] if d["class_name"] == "bus")
    assert bus["category_id"] == 6
    assert bus["bbox"] == pytest.approx([14, 222, 775, 521], abs=25)
    assert all(d["score"] >= 0.3 for d in record["detections"])
    overlay = np.array(PIL.Image.open(out / "overlays" / "street.png"))
    photo = np.array(PIL.Image.open(street / "street.jpg"))
    assert overlay.shape == photo.shape
    assert 0.001 < (overlay != photo).any(-1).mean() < 0.2
    assert not (out / "errors.json").exists()


def test_score_threshold(street: Path, tmp_path: Path) -> None:
    assert predict("detect", tmp_path, "--score-threshold", "0.01", street) == 0
    scores = [d["score"] for d in read(tmp_path / "predictions.json")[0]["detections"]]
    assert min(scores) < 0.1
    assert scores == sorted(scores, reverse=True)
    assert predict("detect", tmp_path, "--score-threshold", "1", street) == 0
    assert read(tmp_path / "predictions.json")[0]["detections"] == []


def test_pose(street: Path, tmp_path: Path) -> None:
    assert predict("pose", tmp_path, "--model", "movenet-multipose", street) == 0
    (record,) = read(tmp_path / "predictions.json")
    assert record["model"] == "movenet-multipose"
    assert len(record["poses"]) >= 3
    for person in record["poses"]:
        x, y, width, height = person["bbox"]
        joints = np.array(person["keypoints"])
        assert joints.shape == (17, 3)
        sure = joints[joints[:, 2] > 0.4]
        assert (sure[:, 0] >= x - 0.2 * width).all()
        assert (sure[:, 0] <= x + 1.2 * width).all()
        assert (sure[:, 1] >= y - 0.2 * height).all()
        assert (sure[:, 1] <= y + 1.2 * height).all()


def test_classify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert predict("classify", tmp_path, "--model", "imagenet", "--score-threshold", "0.5", sample_file("coffee")) == 0
    (record,) = read(tmp_path / "predictions.json")
    assert record["model"] == "efficientnet-lite0"
    assert record["top"][0]["class_name"] in ("espresso", "cup", "coffee mug")
    assert len(record["top"]) == 5
    assert "changes nothing for classify" in capsys.readouterr().err


def test_segment(street: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert predict("segment", out, street) == 0
    mask = PIL.Image.open(out / "masks" / "street.png")
    classes = read(out / "classes.json")
    assert (mask.mode, mask.size) == ("L", (810, 1080))
    assert classes[3] == "road"
    assert np.array(mask).max() < len(classes)
    assert read(out / "predictions.json")[0]["mask"] == "masks/street.png"


def test_unreadable_files_are_named_and_the_others_done(
    street: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (street / "broken.jpg").write_bytes((street / "street.jpg").read_bytes()[:5000])
    (street / "notes.txt").write_text("not looked at")
    (street / "nested.jpg").mkdir()
    empty = tmp_path / "empty"
    empty.mkdir()
    out = tmp_path / "out"
    assert predict("detect", out, street, tmp_path / "none.png", empty) == 1
    errors = {Path(e["file"]).name: e["error"] for e in read(out / "errors.json")}
    assert errors.keys() == {"broken.jpg", "none.png", "empty"}
    assert "cut short" in errors["broken.jpg"]
    assert "does not exist" in errors["none.png"]
    assert "no pictures" in errors["empty"]
    said = capsys.readouterr().err
    assert all(f"{name}: {text}" in said for name, text in errors.items())
    assert len(read(out / "predictions.json")) == 1
    # The next run without a fault does not leave the old list behind.
    assert predict("detect", out, street / "street.jpg") == 0
    assert not (out / "errors.json").exists()


def test_equal_names_do_not_overwrite_each_other(street: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    PIL.Image.new("RGB", (50, 40)).save(other / "street.png")
    out = tmp_path / "out"
    assert predict("detect", out, "--overlay", street, other, street) == 0  # a folder named twice is done once
    records = read(out / "predictions.json")
    assert [r["overlay"] for r in records] == ["overlays/street.png", "overlays/street-2.png"]
    assert PIL.Image.open(out / "overlays" / "street-2.png").size == (50, 40)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["fly"], "invalid choice"),
        (["predict", "--task", "fly", "--output", "o", "a.jpg"], "invalid choice"),
        (["predict", "--task", "detect", "--output", "o"], "INPUT"),
        (["predict", "--task", "detect", "a.jpg"], "--output"),
        (["predict", "--task", "detect", "--output", "o", "--score-threshold", "2", "a.jpg"], "from 0 to 1"),
        (["predict", "--task", "detect", "--output", "o", "--score-threshold", "nan", "a.jpg"], "from 0 to 1"),
        (["predict", "--task", "detect", "--output", "o", "--model", "yolo9", "a.jpg"], "choose one of: centernet"),
        (["predict", "--task", "pose", "--output", "o", "--model", "centernet", "a.jpg"], "choose one of: movenet"),
        (["predict", "--task", "detect", "--output", "o", "--device", "toaster", "a.jpg"], "no device"),
        (["predict", "--task", "detect", "--output", "/dev/null/o", "a.jpg"], "choose another --output"),
    ],
)
def test_wrong_arguments_end_with_2_and_one_sentence(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    need(unavailable_reason(REGISTRY.default("detect")) is None, "the weights")
    try:
        status: object = main(arguments)
    except SystemExit as stop:
        status = stop.code
    assert status == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert said.endswith(".\n")
    assert list(tmp_path.iterdir()) == []


def test_missing_weights_are_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = next((s for s in REGISTRY if s.task == "detect" and unavailable_reason(s)), None)
    need(missing is not None, "a model without its weights")
    assert missing is not None
    arguments = ["predict", "--task", "detect", "--model", missing.name, "--output", str(tmp_path / "out"), "a.jpg"]
    assert main(arguments) == 2
    assert capsys.readouterr().err.strip() == unavailable_reason(missing)


def test_models_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows.keys() == {spec.name for spec in REGISTRY}
    centernet = rows["centernet"]
    assert (centernet["task"], centernet["input_size"], centernet["classes"]) == ("detect", [512, 512], 80)
    assert centernet["weights"] == "weights/centernet.safetensors"
    need(centernet["available"], "weights/centernet.safetensors")
    assert centernet["parameters"] == pytest.approx(2.0e6, rel=0.05)
    assert "MIT" in centernet["licence"]
    assert centernet["accuracy"][0]["metric"] == "mAP"
    for row in rows.values():
        assert row["available"] == (row["reason"] is None)


def test_models_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    for spec in REGISTRY:
        assert f"{spec.name}  ({spec.task}" in said
        assert spec.title in said


@pytest.mark.parametrize("arguments", [["--help"], ["models"], ["predict", "--help"]])
def test_light_commands_load_no_heavy_library(arguments: list[str]) -> None:
    code = (
        f"import sys\nfrom cvdemo.cli import main\ntry:\n main({arguments!r})\nexcept SystemExit: pass\n"
        "print({'torch', 'cv2', 'onnxruntime', 'PIL', 'streamlit', 'ultralytics'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "set()"
    assert done.stdout


def read_terminal(descriptor: int) -> bytes:
    """The next output; nothing once the other end is closed, which Linux reports as an error."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_progress_bar_on_a_terminal_only(street: Path, tmp_path: Path) -> None:
    need(unavailable_reason(REGISTRY.default("detect")) is None, "the weights")
    command = [sys.executable, "-m", "cvdemo", "predict", "--task", "detect", "--output", str(tmp_path), str(street)]
    quiet = subprocess.run(command, capture_output=True, text=True, check=True)
    assert quiet.stderr == ""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    subprocess.run(command, stderr=theirs, stdout=subprocess.DEVNULL, check=True)
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        shown = "".join(chunk.decode() for chunk in iter(lambda: read_terminal(terminal.fileno()), b""))
    assert "1/1" in shown
    assert "centernet" in shown


@given(
    st.lists(
        st.sampled_from(["a.jpg", "A.png", "b/a.jpg", "a-2.jpg", "c/a-2.png", "c/a.gif", "z.jpg"]),
        max_size=8,
        unique=True,
    )
)
def test_stems_are_unique(names: list[str]) -> None:
    stems = unique_stems([Path(n) for n in names])
    assert len({s.casefold() for s in stems}) == len(names)
    for name, stem in zip(names, stems, strict=True):
        assert stem.startswith(Path(name).stem)
    firsts = {Path(n).stem.casefold(): i for i, n in reversed(list(enumerate(names)))}
    assert all(stems[i] == Path(names[i]).stem for i in firsts.values())


def test_pictures_in_a_folder(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", ".hidden.png", "c.txt", "d.heic"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "e.png").touch()
    assert [f.name for f in pictures_in(tmp_path)] == ["a.png", "b.JPG", "d.heic"]
