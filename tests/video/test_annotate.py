"""A real film through real networks: the film that comes out, its records and its curves."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.export import to_csv, to_json, to_records
from cvdemo.imaging import image_from_pixels
from cvdemo.registry import REGISTRY, TASKS, ModelSpec
from cvdemo.types import Image
from cvdemo.video.annotate import Outputs, VideoRequest, annotate_video
from cvdemo.video.reading import frames, probe
from cvdemo.video.sample import sample_clip
from cvdemo.video.series import Series
from cvdemo.weights import unavailable_reason
from tests.conftest import need
from tests.video.conftest import TIMES
from tests.video.films import film, number_of

FAST = {"detect": "nanodet", "pose": "movenet-multipose", "segment": "fcn-street", "classify": "efficientnet-lite0"}


def spec_of(task: str) -> ModelSpec:
    spec = REGISTRY.get(FAST[task])
    need(unavailable_reason(spec) is None, f"weights/{spec.weights}")
    return spec


def annotated(
    data: bytes, spec: ModelSpec, folder: Path, **options: Any
) -> tuple[Outputs, list[dict[str, Any]], Series]:
    outputs = Outputs.in_folder(folder, "out")
    request = VideoRequest(spec=spec, params=tasks.default_params(spec), name="street.mp4", **options)
    series: list[Series] = []
    assert annotate_video(data, request, outputs, began=lambda _, s: series.append(s))
    return outputs, json.loads(outputs.json.read_text(encoding="utf-8")), series[0]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_draws_on_every_frame_and_tells_what_it_saw(task: str, street_film: bytes, tmp_path: Path) -> None:
    spec = spec_of(task)
    outputs, records, series = annotated(street_film, spec, tmp_path)
    before, after = (list(frames(source, probe(source))) for source in (street_film, outputs.video))
    assert [f.seconds for f in after] == pytest.approx(TIMES, abs=0.001)
    assert probe(outputs.video).seconds == pytest.approx(probe(street_film).seconds, abs=0.002)
    for old, new in zip(before, after, strict=True):
        changed = np.abs(old.pixels.astype(int) - new.pixels).max(axis=2) > 60
        assert changed.mean() > 0.002
        if task != "segment":
            assert changed.mean() < 0.5
    assert [r["frame"] for r in records] == list(range(6))
    assert [r["seconds"] for r in records] == pytest.approx(TIMES, abs=0.001)
    # Frame by frame it is what the network says of that picture alone.
    for frame, record in zip(before, records, strict=True):
        alone = to_records(spec, "street.mp4", tasks.run(spec, image_from_pixels(frame.pixels)).result)[0]
        for entry in (*record.get("detections", []), *record.get("poses", [])):
            assert "track_id" in entry
            del entry["track_id"]
        assert {k: v for k, v in record.items() if k not in ("frame", "seconds")} == alone
    seconds, curves = series.curves()
    assert seconds == pytest.approx(TIMES, abs=0.001)
    assert curves
    assert all(len(values) == 6 for values in curves.values())


@pytest.mark.parametrize("task", ["detect", "classify"])
def test_files_are_what_export_would_write(task: str, street_film: bytes, tmp_path: Path) -> None:
    outputs, records, _ = annotated(street_film, spec_of(task), tmp_path)
    assert outputs.json.read_text(encoding="utf-8") == to_json(records)
    assert outputs.csv.read_text(encoding="utf-8") == to_csv(records)
    rows = list(csv.DictReader(outputs.csv.open(encoding="utf-8")))
    assert {row["frame"] for row in rows} == {str(i) for i in range(6)}


def test_the_bus_keeps_its_number(street_film: bytes, detector: ModelSpec, tmp_path: Path) -> None:
    _, records, series = annotated(street_film, detector, tmp_path)
    buses = [[d["track_id"] for d in r["detections"] if d["class_name"] == "bus"] for r in records]
    assert buses[1] == buses[5]
    assert buses[1][0] is not None
    _, curves = series.curves()
    assert curves[detector.class_names.index("bus")].tolist() == [1.0] * 6
    assert curves[0].max() >= 2


def test_people_are_followed_with_their_joints(street_film: bytes, tmp_path: Path) -> None:
    _, _, series = annotated(street_film, spec_of("pose"), tmp_path)
    people = series.people()
    assert people
    assert all(len(p.seconds) == len(p.angles) == len(p.postures) >= 3 for p in people)
    assert np.isfinite(people[0].angles).any()


def test_without_tracking_there_are_no_numbers(street_film: bytes, detector: ModelSpec, tmp_path: Path) -> None:
    _, records, series = annotated(street_film, detector, tmp_path, track=False)
    assert not any("track_id" in d for r in records for d in r["detections"])
    assert series.people() == []


def test_a_film_of_nothing_gives_empty_records_and_a_whole_film(detector: ModelSpec, tmp_path: Path) -> None:
    outputs, records, _ = annotated(film(size_hw=(96, 128)), detector, tmp_path)
    assert [r["detections"] for r in records] == [[]] * 8
    assert [number_of(f.pixels) for f in frames(outputs.video, probe(outputs.video))] == list(range(8))
    assert outputs.csv.read_text() == ""


def test_frames_drive_no_picture_out_of_the_cache(
    street_film: bytes, bus: Image, detector: ModelSpec, tmp_path: Path
) -> None:
    tasks.run(detector, bus)
    before = engine().forward_count
    annotated(street_film, detector, tmp_path)
    assert engine().forward_count == before + 6
    tasks.run(detector, bus)
    assert engine().forward_count == before + 6
    annotated(street_film, detector, tmp_path)
    assert engine().forward_count == before + 12


def test_stopping_leaves_what_was_done(street_film: bytes, detector: ModelSpec, tmp_path: Path) -> None:
    outputs = Outputs.in_folder(tmp_path, "out")
    request = VideoRequest(spec=detector, params=tasks.default_params(detector), name="street.mp4")
    assert not annotate_video(street_film, request, outputs, done=lambda step: step.frame.index < 2)
    assert probe(outputs.video).frames == 3
    assert len(json.loads(outputs.json.read_text())) == 3


def test_fewer_frames_a_second(street_film: bytes, detector: ModelSpec, tmp_path: Path) -> None:
    request = VideoRequest(spec=detector, params=tasks.default_params(detector), name="street.mp4")
    limits = replace(request.limits, fps=5.0)
    outputs, records, _ = annotated(street_film, detector, tmp_path, limits=limits)
    assert [r["seconds"] for r in records] == pytest.approx([0, 0.2, 0.4], abs=0.001)
    assert probe(outputs.video).seconds == pytest.approx(probe(street_film).seconds, abs=0.01)


@pytest.mark.parametrize("task", TASKS)
def test_sample_clips_move_and_can_be_read(task: str) -> None:
    clip = sample_clip(task)  # type: ignore[arg-type]
    info = probe(clip)
    assert (info.size_hw, info.frames, info.codec) == ((480, 640), 60, "h264")
    assert info.seconds == pytest.approx(5.0, abs=0.1)
    seen = list(frames(clip, info))
    assert np.abs(seen[0].pixels.astype(int) - seen[20].pixels).mean() > 5
    assert sample_clip(task) is clip  # type: ignore[arg-type]
