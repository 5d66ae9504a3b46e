"""Two segmentations of one picture: where they agree, and what they confuse where they do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import Segmentation


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """share: of the pixels, 0 to 1, with the same class in both. differs: (H, W) bool. pairs: (first's class id,
    second's class id, share of the pixels), the most frequent disagreement first."""

    share: float
    differs: NDArray[np.bool_]
    pairs: tuple[tuple[int, int, float], ...]


def compare(first: Segmentation, second: Segmentation) -> Agreement:
    """Both must be of the same picture and have the same classes."""
    classes = len(first.probs)
    both = first.class_map.astype(np.uint16) * classes + second.class_map
    counts = np.bincount(both.ravel(), minlength=classes**2).reshape(classes, classes) / both.size
    rows, columns = np.nonzero(counts * (1 - np.eye(classes)))
    order = np.argsort(-counts[rows, columns], kind="stable")
    pairs = tuple((int(rows[i]), int(columns[i]), float(counts[rows[i], columns[i]])) for i in order)
    return Agreement(float(np.trace(counts)), first.class_map != second.class_map, pairs)
