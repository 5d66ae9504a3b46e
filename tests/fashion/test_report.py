"""Reports: what is recorded is what the app answers, and a report of other weights is not shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvdemo import tasks
from cvdemo.errors import UsageError
from cvdemo.fashion.networks import ShippedClassifier, TrainedClassifier, fashion_specs
from cvdemo.fashion.record import record_report
from cvdemo.fashion.report import Report, discriminants, quick_report, recorded_report, save_report, spread
from cvdemo.fashion_samples import fashion_samples
from cvdemo.imaging import image_from_pixels
from cvdemo.models.nets.fashion import NETWORKS
from cvdemo.registry import REGISTRY
from cvdemo.settings import settings
from cvdemo.training.fashion_mnist import Garments

SPEC = REGISTRY.get("fashion-nano")


@pytest.fixture(scope="module")
def quick() -> Report:
    return quick_report(ShippedClassifier(SPEC))


def test_shipped_networks_are_offered_best_first() -> None:
    specs = fashion_specs()
    assert SPEC in specs
    assert all(spec.family == "fashion" for spec in specs)


def test_many_at_once_are_answered_as_one_by_one() -> None:
    pictures = fashion_samples().images[::125]
    at_once = ShippedClassifier(SPEC).probabilities(pictures)
    one_by_one = [tasks.run(SPEC, image_from_pixels(picture)).result.probs for picture in pictures]
    np.testing.assert_allclose(at_once, np.stack(one_by_one), atol=1e-4)


def test_a_trained_network_answers_alone_as_in_a_batch() -> None:
    network = TrainedClassifier("mine", "Mine", NETWORKS["article-cnn"]().eval())
    pictures = fashion_samples().images[:3]
    alone = [network.answer(image_from_pixels(picture)).result.probs for picture in pictures]
    np.testing.assert_allclose(network.probabilities(pictures), np.stack(alone), atol=1e-5)


def test_the_quick_report_is_about_the_shipped_images(quick: Report) -> None:
    assert not quick.complete
    assert len(quick.labels) == len(quick.predicted) == 1000
    assert quick.accuracy > 0.9
    assert quick.places.shape == (1000, 2)
    assert quick.places.min() >= 0
    assert quick.places.max() <= 1
    assert "1,000 test images that come with the app" in quick.of


def test_the_map_keeps_kinds_together(quick: Report) -> None:
    """Of the ten nearest neighbours on the map, most are of the same kind."""
    distances = np.square(quick.places[:, None] - quick.places).sum(axis=2)
    nearest = np.argsort(distances, axis=1)[:, 1:11]
    same = quick.labels[nearest] == quick.labels[:, None]
    assert same.mean() > 0.5


def test_discriminants_part_what_can_be_parted() -> None:
    rng = np.random.default_rng(0)
    labels = (np.arange(500) % 10).astype(np.uint8)
    features = rng.normal(size=(500, 30)).astype(np.float32)
    features[:, 7] += labels * 20
    axis = discriminants(features, labels)[:, 0]
    assert abs(np.corrcoef(axis, labels)[0, 1]) > 0.99
    stretched = spread(np.stack([axis, axis], axis=1))
    assert stretched.min() == 0
    assert stretched.max() == 1


def test_recorded_figures_agree_with_the_quick_ones(quick: Report) -> None:
    report = recorded_report(SPEC)
    if report is None:
        pytest.skip("needs a recorded report: python -m cvdemo evaluate fashion --record")
    assert report.complete
    assert len(report.labels) == 10_000
    rows = report.shipped
    np.testing.assert_array_equal(report.labels[rows], fashion_samples().labels)
    assert (report.predicted[rows] == quick.predicted).mean() > 0.995
    np.testing.assert_allclose(report.confidence[rows], quick.confidence, atol=0.02)


def test_recording_writes_a_small_report_that_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = replace(settings(), weights_dir=tmp_path)
    monkeypatch.setattr("cvdemo.fashion.report.settings", lambda: elsewhere)
    samples = fashion_samples()
    size = int(samples.test_index.max()) + 1
    images, labels = np.zeros((size, 28, 28), np.uint8), np.zeros(size, np.uint8)
    images[samples.test_index], labels[samples.test_index] = samples.images, samples.labels
    figures = record_report(SPEC, Garments(images, labels))
    assert figures["images"] == size
    report = recorded_report(SPEC)
    assert report is not None
    assert (report.predicted[report.shipped] == samples.labels).mean() > 0.9
    assert (tmp_path / "fashion-nano.report.npz").stat().st_size < 60_000


def test_too_few_images_are_refused() -> None:
    with pytest.raises(UsageError, match="all 10,000 test images"):
        record_report(SPEC, Garments(fashion_samples().images, fashion_samples().labels))


def test_a_report_of_other_weights_or_a_changed_one_is_not_read(
    quick: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(settings(), weights_dir=tmp_path)
    monkeypatch.setattr("cvdemo.fashion.report.settings", lambda: elsewhere)
    path = save_report(SPEC, quick, {})
    assert recorded_report(SPEC) is not None
    text = path.read_text()
    row_sha = text.split('"weights_sha256": "')[1][:64]
    path.write_text(text.replace(row_sha, "0" * 64))
    assert recorded_report(SPEC) is None
    path.write_text(text)
    arrays = tmp_path / "fashion-nano.report.npz"
    arrays.write_bytes(arrays.read_bytes() + b"x")
    path.touch()
    assert recorded_report(SPEC) is None
