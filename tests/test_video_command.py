"""The command `video`: what it writes, what it says, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cvdemo.cli import main
from cvdemo.registry import REGISTRY
from cvdemo.video.reading import probe
from cvdemo.weights import unavailable_reason
from tests.conftest import need
from tests.video.films import film


@pytest.fixture
def file(tmp_path: Path) -> Path:
    need(unavailable_reason(REGISTRY.get("nanodet")) is None, "weights/nanodet.safetensors")
    path = tmp_path / "walk.mp4"
    path.write_bytes(film((0.0, 0.1, 0.2)))
    return path


def video(file: Path, output: Path, *more: str) -> int:
    return main(["video", str(file), "--task", "detect", "--model", "nanodet", "--output", str(output), *more])


def test_film_json_and_csv_are_written(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "out"
    assert video(file, out, "--score-threshold", "0.05") == 0
    assert sorted(path.name for path in out.iterdir()) == ["walk-nanodet.csv", "walk-nanodet.json", "walk-nanodet.mp4"]
    assert probe(out / "walk-nanodet.mp4").frames == 3
    records = json.loads((out / "walk-nanodet.json").read_text(encoding="utf-8"))
    assert [(r["file"], r["model"], r["frame"]) for r in records] == [(str(file), "nanodet", i) for i in range(3)]
    said = capsys.readouterr()
    assert said.out.strip() == str(out / "walk-nanodet.mp4")
    assert said.err == ""
    # Into the film's own folder: the film stays.
    before = file.read_bytes()
    assert video(file, file.parent, "--no-track") == 0
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.mp4"], "does not exist"),
        (["notes.mp4"], "a text file"),
        (["half.mp4"], "cut short"),
        (["walk.mp4", "--model", "yolo9"], "choose one of: centernet"),
        (["walk.mp4", "--score-threshold", "3"], "from 0 to 1"),
        (["walk.mp4", "--device", "toaster"], "no device"),
        (["walk.mp4", "--output", "/dev/null/o"], "choose another --output"),
        ([], "FILE"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_one_sentence(
    arguments: list[str],
    words: str,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(file.parent)
    Path("notes.mp4").write_text("dear diary")
    Path("half.mp4").write_bytes(film(front=False)[:2000])
    before = sorted(Path().iterdir())
    try:
        status: object = main(["video", "--task", "detect", "--output", "out", *arguments])
    except SystemExit as stop:
        status = stop.code
    assert status == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert said.endswith(".\n")
    assert sorted(Path().iterdir()) == before


def test_a_film_cut_short_is_done_as_far_as_it_goes(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np

    noise = [np.random.default_rng(i).integers(0, 255, (96, 128, 3), np.uint8) for i in range(20)]
    whole = film(tuple(i / 10 for i in range(20)), frames=noise)
    file.write_bytes(whole[: len(whole) // 2])
    assert video(file, tmp_path / "out") == 0
    assert "The file is cut short" in capsys.readouterr().err
