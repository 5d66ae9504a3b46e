"""Where two segmentations agree."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.tasks.agreement import compare
from cvdemo.types import Segmentation


def _of(class_map: list[list[int]]) -> Segmentation:
    values = np.array(class_map, np.uint8)
    return Segmentation(values, np.full((3, 1, 1), 1 / 3, np.float32), values.shape)


def test_share_place_and_kind_of_disagreement() -> None:
    found = compare(_of([[0, 0, 1, 2], [0, 0, 1, 2]]), _of([[0, 0, 2, 2], [0, 1, 2, 2]]))
    assert found.share == pytest.approx(5 / 8)
    assert found.differs.tolist() == [[False, False, True, False], [False, True, True, False]]
    assert found.pairs == ((1, 2, pytest.approx(2 / 8)), (0, 1, pytest.approx(1 / 8)))


def test_the_same_twice() -> None:
    found = compare(_of([[0, 1], [2, 2]]), _of([[0, 1], [2, 2]]))
    assert found.share == 1
    assert found.pairs == ()
    assert not found.differs.any()
