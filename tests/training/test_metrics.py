"""Figures of merit against torchmetrics."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchmetrics.classification import (
    MulticlassAccuracy,
    MulticlassJaccardIndex,
    MulticlassPrecision,
    MulticlassRecall,
)

from cvdemo.training.metrics import ConfusionMatrix

CLASSES, VOID = 11, 11


def _maps(seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(3):
        truth = rng.integers(0, CLASSES + 1, (20, 30)).astype(np.uint8)
        guess = np.where(rng.random(truth.shape) < 0.6, np.minimum(truth, 10), rng.integers(0, CLASSES, truth.shape))
        pairs.append((truth, guess.astype(np.uint8)))
    return pairs


def _matrix(pairs: list[tuple[np.ndarray, np.ndarray]]) -> ConfusionMatrix:
    matrix = ConfusionMatrix(CLASSES)
    for truth, guess in pairs:
        matrix.add(truth, guess)
    return matrix


@pytest.mark.parametrize("seed", range(3))
def test_equals_torchmetrics_with_void_left_out(seed: int) -> None:
    pairs = _maps(seed)
    matrix = _matrix(pairs)
    options = {"num_classes": CLASSES, "ignore_index": VOID}
    truth = torch.from_numpy(np.stack([t for t, _ in pairs]).astype(np.int64))
    guess = torch.from_numpy(np.stack([g for _, g in pairs]).astype(np.int64))
    for ours, theirs in (
        (matrix.iou(), MulticlassJaccardIndex(average="none", **options)),
        (matrix.recall(), MulticlassRecall(average="none", **options)),
        (matrix.precision(), MulticlassPrecision(average="none", **options)),
        (matrix.miou(), MulticlassJaccardIndex(average="macro", **options)),
        (matrix.accuracy(), MulticlassAccuracy(average="micro", **options)),
    ):
        np.testing.assert_allclose(ours, theirs(guess, truth).numpy(), rtol=1e-6)


def test_a_class_that_does_not_occur_is_no_failure() -> None:
    matrix = ConfusionMatrix(3)
    matrix.add(np.array([0, 0, 1, 3]), np.array([0, 1, 1, 2]))
    np.testing.assert_allclose(matrix.iou(), [0.5, 0.5, np.nan])
    assert matrix.miou() == 0.5
    assert matrix.counts.sum() == 3


def test_an_empty_matrix_has_figures_too() -> None:
    matrix = ConfusionMatrix(4)
    assert matrix.miou() == 0.0
    assert matrix.accuracy() == 0.0
    assert np.isnan(matrix.recall()).all()
