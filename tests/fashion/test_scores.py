"""Figures of a report against scikit-learn's, and against what can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.fashion import scores
from cvdemo.fashion.report import Report


def report(labels: list[int], predicted: list[int], confidence: list[float]) -> Report:
    rows = np.arange(len(labels))
    return Report(
        np.array(labels, np.uint8),
        np.array(predicted, np.uint8),
        np.array(confidence, np.float32),
        rows,
        np.zeros((len(labels), 2), np.float32),
        "none",
        complete=False,
    )


@pytest.fixture
def some() -> Report:
    """2,000 answers of which about seven in ten are right."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 2000)
    predicted = np.where(rng.random(2000) < 0.7, labels, rng.integers(0, 10, 2000))
    return report(labels.tolist(), predicted.tolist(), rng.uniform(0.1, 1, 2000).tolist())


def test_precision_recall_and_f1_are_scikit_learns(some: Report) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    expected = metrics.precision_recall_fscore_support(some.labels, some.predicted)
    rows = scores.class_scores(scores.confusion(some))
    np.testing.assert_allclose([r.precision for r in rows], expected[0])
    np.testing.assert_allclose([r.recall for r in rows], expected[1])
    np.testing.assert_allclose([r.f1 for r in rows], expected[2])
    assert [r.count for r in rows] == expected[3].tolist()


def test_calibration_error_is_torchmetrics(some: Report) -> None:
    torch = pytest.importorskip("torch")
    functional = pytest.importorskip("torchmetrics.functional.classification")
    right = torch.tensor(some.predicted == some.labels)
    expected = functional.binary_calibration_error(torch.tensor(some.confidence), right.long(), n_bins=10)
    # torchmetrics' binary form looks at the probability of class 1, which here means "is right".
    assert scores.reliability(some).error == pytest.approx(float(expected), abs=1e-5)


def test_a_network_that_knows_itself_has_no_calibration_error() -> None:
    honest = report([0] * 10, [0] * 8 + [1] * 2, [0.8] * 10)
    assert scores.reliability(honest).error == pytest.approx(0, abs=1e-6)
    boaster = report([0] * 10, [1] * 10, [1.0] * 10)
    assert scores.reliability(boaster).error == pytest.approx(1)


def test_bins_hold_every_image_and_empty_ones_have_no_figure(some: Report) -> None:
    told = scores.reliability(some)
    assert told.counts.sum() == 2000
    alone = scores.reliability(report([1], [1], [0.95]))
    assert alone.counts.tolist() == [0] * 9 + [1]
    assert np.isnan(alone.accuracy[:9]).all()
    assert alone.accuracy[9] == 1


def test_commonest_mistakes_come_first_and_right_answers_are_none() -> None:
    found = scores.confused_pairs(scores.confusion(report([0, 0, 0, 1, 6, 6], [6, 6, 0, 1, 0, 6], [1.0] * 6)))
    assert found == [(0, 6, 2), (6, 0, 1)]
    assert scores.confused_pairs(scores.confusion(report([1, 2], [1, 2], [1.0] * 2))) == []
