"""From which share of doubtful pixels on a photo is called far from what a segmentation network learnt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import cvdemo
from cvdemo import tasks
from cvdemo.imaging import load_image
from cvdemo.registry import ModelSpec
from cvdemo.tasks.certainty import FALSE_ALARM_RATE, LIMITS, doubtful_share, limit_of, warns
from cvdemo.training.segmentation_data import pair_paths

#: The limits as the package ships them.
FILE = Path(cvdemo.__file__).parent / "assets" / LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """limit: doubtful share that warns. measured: how often it warns about pictures of the network's own subject, each
    judged by a limit from the other half, so that none takes part in its own. pictures: how many there were."""

    limit: float
    measured: float
    pictures: int


def calibrate(spec: ModelSpec, data: Path, split: str = "val") -> Calibration:
    """Look at every picture of a split. Raises DatasetError, WeightsError."""
    images = (load_image(path.read_bytes(), path.name) for path, _ in pair_paths(data, split))
    shares = np.array([doubtful_share(tasks.run(spec, image).result) for image in images])
    # Neighbours by name are frames of one drive: halves, not every other picture, keep them together.
    halves = np.array_split(shares, 2) if len(shares) > 1 else [shares, shares]
    alarms = [warns(other, limit_of(half)) * len(other) for half, other in (halves, halves[::-1])]
    return Calibration(limit=round(limit_of(shares), 4), measured=sum(alarms) / len(shares), pictures=len(shares))


def record(spec: ModelSpec, found: Calibration, file: Path = FILE) -> None:
    """Write a network's limit into the file that the pages read, leaving the others."""
    rows = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    rows[spec.name] = {
        "limit": found.limit,
        "stated_false_alarm_rate": FALSE_ALARM_RATE,
        "measured_false_alarm_rate": round(found.measured, 4),
        "pictures": found.pictures,
    }
    file.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")
