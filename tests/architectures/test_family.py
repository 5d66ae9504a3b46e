"""The chart of the garment networks: it fills as networks become available, and never invents a figure."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from cvdemo.architectures import family as module
from cvdemo.architectures.family import PUBLISHED, accuracy_of, family, latency, points
from cvdemo.registry import REGISTRY
from cvdemo.viz.scatter import NetworkPoint, Reference, family_scatter

NANO = REGISTRY.get("fashion-nano")


@pytest.fixture
def folder(tmp_path: Path, fresh_settings: pytest.MonkeyPatch) -> Path:
    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path))
    return tmp_path


def _install(folder: Path, accuracy: list[dict[str, object]]) -> None:
    save_file({"x": np.zeros(3, np.float32)}, folder / NANO.weights)
    row = {"sha256": "0" * 64, "bytes": 1, "parameters": 91_000, "source": "", "licence": "", "regenerate": ""}
    (folder / "manifest.json").write_text(json.dumps({NANO.weights: row | {"accuracy": accuracy}}))


def test_without_weights_the_family_is_empty_and_the_chart_still_stands(folder: Path) -> None:
    assert family() == []
    figure = family_scatter(points(family(), {}), PUBLISHED)
    assert [trace.name for trace in figure.data] == ["published"]
    assert [note.text for note in figure.layout.annotations] == [
        "Human 83.5",
        "GoogLeNet 93.7",
        "ResNet18 94.9 · MobileNet 95.0",
    ]


def test_a_network_appears_with_the_figures_of_its_papers(folder: Path) -> None:
    _install(folder, [{"value": 0.9312, "metric": "accuracy", "dataset": "Fashion-MNIST test, 10,000 images"}])
    assert family() == [NANO]
    assert points([NANO], {"fashion-nano": 0.0007}) == [
        NetworkPoint(title="fashion-nano", accuracy=0.9312, parameters=91_000, latency_s=0.0007)
    ]


def test_a_network_that_was_not_measured_on_the_test_images_is_left_out(folder: Path) -> None:
    _install(folder, [{"value": 0.99, "metric": "accuracy", "dataset": "Fashion-MNIST train"}])
    assert accuracy_of(NANO) is None
    assert points([NANO], {}) == []


def test_latency_is_measured_on_the_app_s_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    class Engine:
        def runtime(self, spec: object, inputs: np.ndarray) -> object:
            assert inputs.shape == (1, 1, 28, 28)
            return calls.append

    monkeypatch.setattr(module, "engine", Engine)
    assert latency(NANO, runs=5) >= 0
    assert len(calls) == 6


def test_the_marks_stand_where_the_figures_say() -> None:
    ours = [
        NetworkPoint(title="a", accuracy=0.95, parameters=100_000, latency_s=0.001),
        NetworkPoint(title="b", accuracy=0.92, parameters=1_000_000, latency_s=0.004),
        NetworkPoint(title="c", accuracy=0.91, parameters=10_000),
    ]
    figure = family_scatter(ours, [Reference(title="r", accuracy=0.9, parameters=20_000_000)])
    published, measured = figure.data
    assert list(measured.y) == [95, 92, 91]
    assert list(measured.x) == [100_000, 1_000_000, 10_000]
    small, large, unknown = measured.marker.size
    assert large == 2 * small  # four times the time is four times the area
    assert unknown < small
    assert list(published.y) == [90]
    low, high = figure.layout.xaxis.range
    assert low < 4
    assert high > 7.3
    assert list(measured.customdata) == [", 1.0 ms", ", 4.0 ms", ""]


def test_a_chart_of_nothing() -> None:
    assert len(family_scatter([], []).data) == 0
