"""Running a garment network over the test images and writing down what it said: `evaluate fashion --record`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import UsageError
from cvdemo.fashion import familiarity
from cvdemo.fashion.networks import ShippedClassifier, prepared
from cvdemo.fashion.report import Report, best, discriminants, embedded, save_report, spread
from cvdemo.fashion.scores import reliability
from cvdemo.fashion_samples import fashion_samples
from cvdemo.imaging import image_from_pixels
from cvdemo.models.garment import prepare_garment
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.samples import available_samples, load_sample
from cvdemo.settings import settings
from cvdemo.training.fashion_mnist import Garments, read_garments, split_held_out
from cvdemo.weights import papers

#: Training images that the familiarity check is fitted to.
FIT_ON = 20_000
_PIECES = 12


def record_report(spec: ModelSpec, garments: Garments | None = None) -> dict[str, Any]:
    """Run a network over the 10,000 test images (or garments, the shipped images among them) and write its report.

    Returns the figures. Raises DatasetError, WeightsError, UsageError.
    """
    garments = garments if garments is not None else read_garments("test")
    network = ShippedClassifier(spec)
    rows = fashion_samples().test_index.astype(np.int64)
    if len(garments) <= rows.max():
        raise UsageError("A report needs all 10,000 test images; fetch Fashion-MNIST again.")
    predicted, confidence = best(network, garments.images)
    places, method = _map(embedded(network, garments.images[rows]), garments.labels[rows])
    report = Report(garments.labels, predicted, confidence, rows, places, method, complete=True)
    figures = {
        "images": len(garments),
        "accuracy": round(report.accuracy, 4),
        "expected_calibration_error": round(reliability(report).error, 4),
    }
    save_report(spec, report, figures)
    return figures


def _map(features: NDArray[np.float32], labels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], str]:
    """Places in 0..1 and the method: t-SNE (van der Maaten and Hinton, 2008) where scikit-learn is installed."""
    try:
        from sklearn.manifold import TSNE
    except ImportError:
        return spread(discriminants(features, labels)), "linear discriminants"
    points = TSNE(perplexity=30, init="pca", random_state=0).fit_transform(features)
    return spread(points.astype(np.float32)), "t-SNE, perplexity 30"


def record_check(
    training: Garments | None = None, test: Garments | None = None, fit_on: int = FIT_ON
) -> dict[str, Any]:
    """Fit the familiarity check, measure its false alarms on the test images, write it; returns the figures.

    training: the data set's training images, whose last 5,000 no network was trained on. fit_on: how many of the others
    the check is fitted to. Raises DatasetError, WeightsError.
    """
    seen, held_out = split_held_out(training if training is not None else read_garments("train"))
    test = test if test is not None else read_garments("test")
    seen = seen.take(slice(None, fit_on))
    row = papers(REGISTRY.get(familiarity.CHECKER))
    assert row is not None, "the checking network ships with the app"
    # Training images go in as they are, as they did in training; test images through the app's own preparation.
    check = familiarity.fit(_features(seen.images), seen.labels, _features(held_out.images))
    alarms = check.distances(familiarity.features(prepared(test.images))) > check.threshold
    strange = _pieces_of_photos()
    noticed = check.distances(_features(strange)) > check.threshold
    figures = {
        "method": familiarity.METHOD,
        "network": familiarity.CHECKER,
        "weights_sha256": row.sha256,
        "fitted_on": {"images": len(seen), "of": "training images"},
        "calibrated_on": {"images": len(held_out), "of": "training images held out from training"},
        "stated_false_alarm_rate": familiarity.FALSE_ALARM_RATE,
        "measured_false_alarm_rate": {
            "value": round(float(alarms.mean()), 4),
            "images": len(test),
            "of": "test images",
        },
        "noticed": _measured(noticed, "pieces of sample photos"),
    }
    familiarity.save(check, figures, settings().weights_dir)
    return figures


def _features(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    return familiarity.features((pictures[:, None] / 255).astype(np.float32))


def _pieces_of_photos() -> NDArray[np.uint8]:
    """(N, 28, 28) uint8: random squares of the gallery's photos, which show no garment laid out, made ready."""
    rng = np.random.default_rng(0)
    pieces = []
    for sample in available_samples():
        pixels = load_sample(sample.name).pixels
        for side in rng.integers(80, min(pixels.shape[:2]), _PIECES):
            top, left = (rng.integers(0, length - side) for length in pixels.shape[:2])
            piece = image_from_pixels(np.ascontiguousarray(pixels[top : top + side, left : left + side]))
            pieces.append(prepare_garment(piece).result)
    return np.stack(pieces)


def _measured(warned: NDArray[np.bool_], of: str) -> dict[str, Any]:
    return {"value": round(float(warned.mean()), 4), "images": len(warned), "of": of}
