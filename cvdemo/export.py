"""Results as files: the pages' downloads and the command line write the same records, tables and pictures."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.labels import COCO_CATEGORY_IDS, KEYPOINTS, foreground
from cvdemo.registry import ModelSpec
from cvdemo.types import Classification, Detections, Image, Poses, Result, Segmentation
from cvdemo.viz import draw_boxes, draw_classes, draw_masks, draw_poses
from cvdemo.viz.encode import png

Record = dict[str, Any]


def to_records(spec: ModelSpec, file: str, result: Result, top_k: int = 5) -> list[Record]:
    """What a model says about one picture, as a list of one record ready for JSON.

    The record holds file, model and, by task: detections (bbox [x, y, width, height] in pixels, score, class_id,
    class_name and category_id, COCO's 1..90 number or null), poses (bbox, score, keypoints 17 x [x, y, score]),
    top (class_id, class_name, prob; top_k of them) or classes (class_id, class_name, pixels, share).
    """
    return [{"file": file, "model": spec.name} | _body(spec, result, top_k)]


def to_json(records: Sequence[Record]) -> str:
    """Records of any number of pictures as JSON text that a person can read: a line for each detection, pose or
    class instead of one for each number."""
    return "[" + ",".join(f"\n {json_block(record)}" for record in records) + "\n]\n"


def to_csv(records: Sequence[Record]) -> str:
    """The same as a table: a line for each detection, joint or class."""
    rows = [row for record in records for row in csv_rows(record)]
    stream = StringIO()
    if rows:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return stream.getvalue()


def mask_png(segmentation: Segmentation) -> bytes:
    """A grey PNG whose pixel values are the class indices, at the picture's own size."""
    return png(segmentation.class_map)


def overlay(spec: ModelSpec, image: Image, result: Result, keypoint_threshold: float = 0.3) -> NDArray[np.uint8]:
    """The picture with the result drawn on it in the default style: (H, W, 3) uint8 RGB."""
    if isinstance(result, Detections):
        return draw_boxes(image, result, spec.class_names)
    if isinstance(result, Segmentation):
        return draw_masks(image, result, class_ids=foreground(spec.class_names))
    if isinstance(result, Poses):
        return draw_poses(image, result, keypoint_threshold=keypoint_threshold)
    return draw_classes(image, result)


def _body(spec: ModelSpec, result: Result, top_k: int) -> Record:
    names = spec.class_names
    if isinstance(result, Classification):
        top = [{"class_id": i, "class_name": name, "prob": round(p, 6)} for i, name, p in result.top(top_k)]
        return {"top": top}
    if isinstance(result, Segmentation):
        counts = np.bincount(result.class_map.ravel(), minlength=len(names))
        return {
            "classes": [
                {"class_id": i, "class_name": name, "pixels": int(n), "share": round(n / result.class_map.size, 6)}
                for i, (name, n) in enumerate(zip(names, counts, strict=True))
            ]
        }
    if isinstance(result, Poses):
        return {"poses": list(_poses(result))}
    return {"detections": list(_detections(spec, result))}


def _detections(spec: ModelSpec, result: Detections) -> Iterator[Record]:
    for box, score, class_id in zip(result.xyxy, result.scores, result.class_ids.tolist(), strict=True):
        yield {
            "bbox": _xywh(box),
            "score": _number(score, 6),
            "class_id": class_id,
            "class_name": spec.class_names[class_id],
            "category_id": COCO_CATEGORY_IDS[class_id] if spec.labels == "coco" else None,
        }


def _poses(result: Poses) -> Iterator[Record]:
    for i in range(len(result)):
        joints = zip(result.keypoints[i], result.keypoint_scores[i], strict=True)
        yield {
            "bbox": _xywh(result.boxes.xyxy[i]),
            "score": _number(result.boxes.scores[i], 6),
            "keypoints": [[_number(xy[0], 2), _number(xy[1], 2), _number(score, 6)] for xy, score in joints],
        }


def _xywh(xyxy: NDArray[np.float32]) -> list[float]:
    x0, y0, x1, y1 = xyxy.tolist()
    return [round(v, 2) for v in (x0, y0, x1 - x0, y1 - y0)]


def _number(value: np.float32, decimals: int) -> float:
    return round(float(value), decimals)


def json_block(record: Record) -> str:
    """One record as to_json writes it."""
    fields = (f"{_line(key)}: {_entries(v) if isinstance(v, list) else _line(v)}" for key, v in record.items())
    return "{" + ", ".join(fields) + "}"


def _entries(values: list[Any]) -> str:
    return "[" + ",".join(f"\n  {_line(value)}" for value in values) + "]"


def _line(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def csv_rows(record: Record) -> Iterator[Record]:
    """The lines of a record's table. A frame of a video says which one it is in each."""
    head = {key: record[key] for key in ("file", "model", "frame", "seconds") if key in record}
    for entry in record.get("detections", []):
        yield head | _columns(entry)
    for person, pose in enumerate(record.get("poses", []), start=1):
        for name, (x, y, score) in zip(KEYPOINTS, pose["keypoints"], strict=True):
            yield head | {
                "person": person,
                **({"track_id": pose["track_id"]} if "track_id" in pose else {}),
                "person_score": pose["score"],
                "keypoint": name,
                "x": x,
                "y": y,
                "score": score,
            }
    for entry in (*record.get("top", []), *record.get("classes", [])):
        yield head | entry


def _columns(detection: Record) -> Record:
    x, y, width, height = detection["bbox"]
    rest = {key: value for key, value in detection.items() if key != "bbox"}
    return rest | {"x": x, "y": y, "width": width, "height": height}
