"""Records, tables and pictures of results: checked against the results they were made from."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO

import numpy as np
import PIL.Image
import pytest

from cvdemo.export import mask_png, overlay, to_csv, to_json, to_records
from cvdemo.imaging import image_from_pixels
from cvdemo.labels import COCO, COCO_CATEGORY_IDS, KEYPOINTS, SKELETON
from cvdemo.registry import REGISTRY
from cvdemo.types import Classification, Detections, Poses, Result, Segmentation

SIZE = (300, 400)
BOXES = Detections(
    np.array([[10, 20, 110, 220.5], [0, 0, 400, 300]], np.float32),
    np.array([0.9, 0.25], np.float32),
    np.array([0, 79], np.int64),
    SIZE,
)
POSES = Poses(
    BOXES.take(np.array([0])),
    np.arange(34, dtype=np.float32).reshape(1, 17, 2),
    np.linspace(0, 1, 17, dtype=np.float32)[None],
    SKELETON,
)
MAP = np.zeros(SIZE, np.uint8)
MAP[:, 300:] = 8
RESULTS: dict[str, Result] = {
    "detect": BOXES,
    "pose": POSES,
    "classify": Classification(np.linspace(0, 0.002, 1000, dtype=np.float32), REGISTRY.get("imagenet").class_names),
    "segment": Segmentation(MAP, np.zeros((11, 3, 4), np.float32), SIZE),
}


@pytest.mark.parametrize("task", RESULTS)
def test_json_can_be_read_back(task: str) -> None:
    spec = REGISTRY.default(task)
    records = [*to_records(spec, "a.jpg", RESULTS[task]), *to_records(spec, 'b "ü".jpg', RESULTS[task])]
    assert json.loads(to_json(records)) == records
    assert [r["file"] for r in records] == ["a.jpg", 'b "ü".jpg']
    assert {r["model"] for r in records} == {spec.name}


def test_no_records() -> None:
    assert json.loads(to_json([])) == []
    assert to_csv([]) == ""
    nothing = to_records(REGISTRY.default("detect"), "a.jpg", Detections.empty(SIZE))
    assert json.loads(to_json(nothing))[0]["detections"] == []
    assert to_csv(nothing) == ""


def test_detections_are_in_coco_terms() -> None:
    record = to_records(REGISTRY.default("detect"), "a.jpg", BOXES)[0]
    first, last = record["detections"]
    assert first == {
        "bbox": [10, 20, 100, 200.5],
        "score": 0.9,
        "class_id": 0,
        "class_name": "person",
        "category_id": 1,
    }
    assert (last["class_name"], last["category_id"]) == ("toothbrush", 90)


def test_category_ids_are_those_of_coco() -> None:
    known = {
        "person": 1,
        "stop sign": 13,
        "backpack": 27,
        "chair": 62,
        "toilet": 70,
        "tv": 72,
        "book": 84,
        "toothbrush": 90,
    }
    assert len(COCO_CATEGORY_IDS) == len(COCO) == 80
    assert {name: COCO_CATEGORY_IDS[COCO.index(name)] for name in known} == known


def test_poses() -> None:
    (person,) = to_records(REGISTRY.default("pose"), "a.jpg", POSES)[0]["poses"]
    assert person["bbox"] == [10, 20, 100, 200.5]
    assert len(person["keypoints"]) == 17
    assert person["keypoints"][1] == [2, 3, 0.0625]


def test_classes_of_a_mask() -> None:
    classes = to_records(REGISTRY.default("segment"), "a.jpg", RESULTS["segment"])[0]["classes"]
    assert {c["class_name"]: c["share"] for c in classes if c["share"]} == {"sky": 0.75, "car": 0.25}
    assert sum(c["pixels"] for c in classes) == 300 * 400


@pytest.mark.parametrize(
    ("task", "lines", "column", "values"),
    [
        ("detect", 2, "class_name", ["person", "toothbrush"]),
        ("pose", 17, "keypoint", list(KEYPOINTS)),
        ("classify", 5, "class_id", ["999", "998", "997", "996", "995"]),
        ("segment", 11, "pixels", ["90000", *["0"] * 7, "30000", "0", "0"]),
    ],
)
def test_tables(task: str, lines: int, column: str, values: list[str]) -> None:
    spec = REGISTRY.default(task)
    text = to_csv([*to_records(spec, "a, b.jpg", RESULTS[task]), *to_records(spec, "c.jpg", RESULTS[task])])
    rows = list(csv.DictReader(StringIO(text)))
    assert len(rows) == 2 * lines
    assert [row[column] for row in rows[:lines]] == values
    assert [row["file"] for row in rows] == ["a, b.jpg"] * lines + ["c.jpg"] * lines
    assert all(None not in row.values() for row in rows)


def test_mask_file_holds_the_class_indices() -> None:
    segmentation = RESULTS["segment"]
    assert isinstance(segmentation, Segmentation)
    picture = PIL.Image.open(BytesIO(mask_png(segmentation)))
    assert picture.mode == "L"
    assert np.array_equal(np.array(picture), MAP)


@pytest.mark.parametrize("task", RESULTS)
def test_overlay_of_every_task(task: str) -> None:
    image = image_from_pixels(np.full((*SIZE, 3), 128, np.uint8))
    drawn = overlay(REGISTRY.default(task), image, RESULTS[task])
    assert drawn.shape == image.pixels.shape
    assert (drawn != image.pixels).any()
