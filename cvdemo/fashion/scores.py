"""Figures of a report: where a network is right, how well it knows that, and what it mixes up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvdemo.fashion.report import Report
from cvdemo.labels import FASHION
from cvdemo.training.metrics import ConfusionMatrix

BINS = 10


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Precision, recall and F1 of a class, NaN where they do not exist; count: test images of that class."""

    name: str
    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """counts, confidence, accuracy: (BINS,) images, mean confidence and share right by confidence, NaN where a bin is
    empty. error: the expected calibration error (Naeini et al., AAAI 2015), in 0..1."""

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    error: float


def confusion(report: Report) -> ConfusionMatrix:
    """True classes in rows, predicted ones in columns."""
    matrix = ConfusionMatrix(len(FASHION))
    matrix.add(report.labels, report.predicted)
    return matrix


def class_scores(matrix: ConfusionMatrix) -> list[ClassScore]:
    """One row a class, in the order of the classes."""
    precision, recall = matrix.precision(), matrix.recall()
    counts = matrix.counts.sum(axis=1)
    hits = np.diag(matrix.counts)
    totals = counts + matrix.counts.sum(axis=0)
    f1 = np.divide(2.0 * hits, totals, out=np.full(len(hits), np.nan), where=totals > 0)
    rows = zip(FASHION, precision, recall, f1, counts, strict=True)
    return [ClassScore(name, float(p), float(r), float(f), int(n)) for name, p, r, f, n in rows]


def confused_pairs(matrix: ConfusionMatrix, most: int = 6) -> list[tuple[int, int, int]]:
    """(true class, predicted class, images) of the commonest mistakes, the commonest first."""
    wrong = matrix.counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [(int(i) // len(wrong), int(i) % len(wrong)) for i in order]
    return [(true, said, int(wrong[true, said])) for true, said in pairs if wrong[true, said]]


def reliability(report: Report) -> Reliability:
    """Confidence against accuracy in BINS bins of equal width."""
    right = report.predicted == report.labels
    which = np.minimum((report.confidence * BINS).astype(int), BINS - 1)
    counts = np.bincount(which, minlength=BINS)
    some = counts > 0
    empty = np.full(BINS, np.nan)
    confidence = np.divide(np.bincount(which, report.confidence, BINS), counts, out=empty.copy(), where=some)
    accuracy = np.divide(np.bincount(which, right, BINS), counts, out=empty.copy(), where=some)
    error = float(np.sum(counts[some] * np.abs(confidence - accuracy)[some]) / max(len(right), 1))
    return Reliability(counts.astype(np.int64), confidence, accuracy, error)
