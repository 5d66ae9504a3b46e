"""Figures of merit from one confusion matrix."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray


class ConfusionMatrix:
    """Counts of (true class, predicted class), accumulated over a whole split.

    counts: (K, K) int64, rows are the true classes. Samples whose true class is outside 0..K-1 (void) are left out.
    """

    def __init__(self, classes: int) -> None:
        self.counts: NDArray[np.int64] = np.zeros((classes, classes), np.int64)

    def add(self, truth: NDArray[np.integer], predicted: NDArray[np.integer]) -> None:
        """Count class indices of equal shape; predicted must be within 0..K-1 wherever truth is."""
        classes = len(self.counts)
        known = (truth >= 0) & (truth < classes)
        pairs = truth[known].astype(np.int64) * classes + predicted[known].astype(np.int64)
        self.counts += np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)

    def merged(self, classes: Collection[int]) -> ConfusionMatrix:
        """The same counts with those classes taken together: class 1 is one of them, class 0 any other."""
        member = np.isin(np.arange(len(self.counts)), list(classes)).astype(np.int64)
        groups = np.stack([1 - member, member])
        result = ConfusionMatrix(2)
        result.counts = groups @ self.counts @ groups.T
        return result

    def iou(self) -> NDArray[np.float64]:
        """(K,) intersection over union of each class; NaN for a class that is neither present nor predicted."""
        hits = np.diag(self.counts).astype(np.float64)
        union = self.counts.sum(0) + self.counts.sum(1) - hits
        return np.divide(hits, union, out=np.full(len(hits), np.nan), where=union > 0)

    def miou(self) -> float:
        """Mean of the classes' IoU, over the classes that occur."""
        values = self.iou()
        return float(np.nanmean(values)) if np.isfinite(values).any() else 0.0

    def accuracy(self) -> float:
        """Share of all counted samples that were right."""
        return float(np.diag(self.counts).sum() / max(self.counts.sum(), 1))

    def recall(self) -> NDArray[np.float64]:
        """(K,) share of each true class that was found; NaN where the class does not occur."""
        return self._ratio(self.counts.sum(1))

    def precision(self) -> NDArray[np.float64]:
        """(K,) share of each predicted class that was right; NaN where it was never predicted."""
        return self._ratio(self.counts.sum(0))

    def _ratio(self, total: NDArray[np.int64]) -> NDArray[np.float64]:
        hits = np.diag(self.counts).astype(np.float64)
        return np.divide(hits, total, out=np.full(len(hits), np.nan), where=total > 0)


def person_iou(matrix: ConfusionMatrix, class_names: Sequence[str]) -> float | None:
    """IoU of all that is not background, taken together; None for a data set without a background."""
    if class_names[0] != "background":
        return None
    return float(matrix.merged(range(1, len(class_names))).iou()[1])
