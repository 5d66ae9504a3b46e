"""Streets or clothes, on made-up boxes and on the sample photos."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.labels import COCO
from cvdemo.samples import load_sample
from cvdemo.tasks.subject import choose, subject_of
from cvdemo.types import Detections


def _found(*things: tuple[str, float, float]) -> Detections:
    """Things by name, share of a picture of 100 x 100, and score."""
    boxes = np.array([[0, 0, 100, 100 * share] for _, share, _ in things], np.float32).reshape(-1, 4)
    scores = np.array([score for *_, score in things], np.float32)
    return Detections(boxes, scores, np.array([COCO.index(name) for name, *_ in things], np.int64), (100, 100))


@pytest.mark.parametrize(
    ("things", "expected"),
    [
        ([("person", 0.4, 0.9)], "clothes"),
        ([("person", 0.02, 0.9)], "streets"),
        ([("person", 0.3, 0.9), ("bus", 0.5, 0.9)], "streets"),
        ([("person", 0.4, 0.1), ("car", 0.05, 0.9)], "streets"),
        ([], "streets"),
    ],
)
def test_rule(things: list[tuple[str, float, float]], expected: str) -> None:
    assert subject_of(_found(*things), COCO).name == expected


@pytest.mark.parametrize(
    ("sample", "expected"),
    [("street", "streets"), ("astronaut", "clothes"), ("sideline", "clothes"), ("rocket", "streets")],
)
def test_samples(sample: str, expected: str) -> None:
    assert choose(load_sample(sample)).name == expected
