"""The check for strange pictures: its algebra, its calibration on real garments, and what it notices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis

from cvdemo.fashion import familiarity
from cvdemo.fashion.networks import prepared
from cvdemo.fashion.record import record_check
from cvdemo.fashion_samples import fashion_samples
from cvdemo.settings import settings
from cvdemo.training.fashion_mnist import find_fashion_mnist, read_garments
from tests.conftest import need


@pytest.fixture
def fitted() -> familiarity.Familiarity:
    """Fitted to ten clouds of made-up features."""
    rng = np.random.default_rng(0)
    labels = (np.arange(2000) % 10).astype(np.uint8)
    features = (rng.normal(size=(2000, 6)) * [1, 2, 3, 1, 1, 1] + labels[:, None] * 4).astype(np.float32)
    return familiarity.fit(features[:1000], labels[:1000], features[1000:])


def test_distance_is_scipys_to_the_nearest_centre(fitted: familiarity.Familiarity) -> None:
    point = np.array([5, -3, 40, 2, 0, 9], np.float32)
    expected = min(mahalanobis(point, mean, fitted.precision) ** 2 for mean in fitted.means)
    assert fitted.distances(point[None])[0] == pytest.approx(expected, rel=1e-4)


def test_threshold_warns_about_the_stated_share_of_what_it_was_calibrated_on(
    fitted: familiarity.Familiarity,
) -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 20_000)
    fresh = (rng.normal(size=(20_000, 6)) * [1, 2, 3, 1, 1, 1] + labels[:, None] * 4).astype(np.float32)
    rate = (fitted.distances(fresh) > fitted.threshold).mean()
    assert rate == pytest.approx(familiarity.FALSE_ALARM_RATE, abs=0.025)
    assert fitted.rarity(fitted.threshold) == pytest.approx(0.95, abs=0.015)
    assert fitted.rarity(0.0) == 0


def test_a_saved_check_is_read_back_and_not_for_other_weights(
    fitted: familiarity.Familiarity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(settings(), weights_dir=tmp_path)
    monkeypatch.setattr("cvdemo.fashion.familiarity.settings", lambda: elsewhere)
    assert familiarity.load() is None
    row = familiarity.papers(familiarity.REGISTRY.get(familiarity.CHECKER))
    assert row is not None
    familiarity.save(fitted, {"weights_sha256": row.sha256}, tmp_path)
    again = familiarity.load()
    assert again is not None
    points = np.random.default_rng(2).normal(size=(50, 6)).astype(np.float32) * 10
    np.testing.assert_allclose(again.distances(points), fitted.distances(points), rtol=1e-3)
    assert again.threshold == fitted.threshold
    familiarity.save(fitted, {"weights_sha256": "another network's"}, tmp_path)
    assert familiarity.load() is None


def test_recorded_check_keeps_its_promise_on_the_shipped_test_images() -> None:
    check = familiarity.load()
    assert check is not None, "run: python -m cvdemo evaluate fashion --record"
    assert check.figures["measured_false_alarm_rate"]["images"] == 10_000
    assert check.figures["measured_false_alarm_rate"]["value"] <= 0.06
    alarms = check.distances(familiarity.features(prepared(fashion_samples().images))) > check.threshold
    assert alarms.mean() == pytest.approx(check.figures["measured_false_alarm_rate"]["value"], abs=0.02)


def test_noise_and_flat_shapes_are_noticed() -> None:
    check = familiarity.load()
    assert check is not None
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (20, 28, 28)).astype(np.uint8)
    square = np.zeros((1, 28, 28), np.uint8)
    square[:, 4:24, 4:24] = 255
    strange = np.concatenate([noise, square])
    distances = check.distances(familiarity.features((strange[:, None] / 255).astype(np.float32)))
    assert (distances > check.threshold).all()


def test_recording_measures_on_the_data_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need(find_fashion_mnist() is not None, "Fashion-MNIST")
    elsewhere = replace(settings(), weights_dir=tmp_path)
    monkeypatch.setattr("cvdemo.fashion.record.settings", lambda: elsewhere)
    test = read_garments("test").take(slice(0, 300))
    figures = record_check(test=test, fit_on=2500)
    assert figures["fitted_on"]["images"] == 2500
    assert figures["calibrated_on"]["images"] == 5000
    assert figures["measured_false_alarm_rate"]["images"] == 300
    assert 0 < figures["measured_false_alarm_rate"]["value"] < 0.15
    assert figures["noticed"]["value"] > 0.8
    assert (tmp_path / familiarity.ARRAYS).stat().st_size < 60_000
