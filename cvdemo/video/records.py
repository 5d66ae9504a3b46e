"""What was seen, frame by frame: the records of cvdemo.export with frame, time and track numbers."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.export import Record, csv_rows, json_block, to_records
from cvdemo.registry import ModelSpec
from cvdemo.types import Result


def frame_record(
    spec: ModelSpec, file: str, index: int, seconds: float, result: Result, numbers: NDArray[np.int64] | None
) -> Record:
    """The record of one frame: to_records's, with frame, seconds and, for each detection or pose, track_id.

    numbers: (N,) from Tracker.update; what has no number yet gets null. Boxes are in pixels of the annotated video.
    """
    record = to_records(spec, file, result)[0]
    for key in ("detections", "poses"):
        for entry, number in zip(record.get(key, []), [] if numbers is None else numbers.tolist(), strict=False):
            entry["track_id"] = number if number > 0 else None
    head = {"file": record.pop("file"), "model": record.pop("model")}
    return {**head, "frame": index, "seconds": round(seconds, 4), **record}


class RecordWriter:
    """Writes records into a JSON file (a list, as to_json) and a CSV file (a table, as to_csv), one after another, so
    that a long video needs no memory. Use it in a with statement."""

    def __init__(self, json_path: Path, csv_path: Path) -> None:
        with ExitStack() as stack:
            self._json = stack.enter_context(json_path.open("w", encoding="utf-8"))
            self._csv = stack.enter_context(csv_path.open("w", encoding="utf-8", newline=""))
            self._open = stack.pop_all()
        self._table: csv.DictWriter[str] | None = None
        self._first = True
        self._json.write("[")

    def __enter__(self) -> RecordWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._open:
            self._json.write("\n]\n")

    def write(self, record: Record) -> None:
        """Append a frame's record."""
        self._json.write(("" if self._first else ",") + f"\n {json_block(record)}")
        self._first = False
        for row in csv_rows(record):
            self._row(row)

    def _row(self, row: dict[str, Any]) -> None:
        if self._table is None:
            self._table = csv.DictWriter(self._csv, fieldnames=list(row), lineterminator="\n")
            self._table.writeheader()
        self._table.writerow(row)
