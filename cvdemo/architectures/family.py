"""The Fashion-MNIST family in figures: accuracy and size from the weights' papers, speed measured here."""

from __future__ import annotations

import time
from collections.abc import Iterable
from statistics import median

import numpy as np

from cvdemo.engine import engine
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.viz.scatter import NetworkPoint, Reference
from cvdemo.weights import papers, unavailable_reason

#: Test accuracies from the data set's own list of submissions and its crowd-sourced human score
#: (github.com/zalandoresearch/fashion-mnist); parameters only where the list states them.
PUBLISHED = (
    Reference(title="Human", accuracy=0.835),
    Reference(title="VGG16", accuracy=0.935, parameters=26_000_000),
    Reference(title="GoogLeNet", accuracy=0.937),
    Reference(title="ResNet18", accuracy=0.949),
    Reference(title="MobileNet", accuracy=0.950),
    Reference(title="DenseNet-BC", accuracy=0.954, parameters=768_000),
)
SOURCE = "Fashion-MNIST's own list of results, github.com/zalandoresearch/fashion-mnist"
_RUNS = 30


def family() -> list[ModelSpec]:
    """The garment networks that are on this machine."""
    return [spec for spec in REGISTRY if spec.labels == "fashion" and unavailable_reason(spec) is None]


def accuracy_of(spec: ModelSpec) -> float | None:
    """The measured accuracy on the Fashion-MNIST test images, from the manifest; None before it was measured."""
    row = papers(spec)
    figures = [a.value for a in (row.accuracy if row else ()) if a.dataset.startswith("Fashion-MNIST test")]
    return figures[0] if figures else None


def latency(spec: ModelSpec, runs: int = _RUNS) -> float:
    """Median seconds of a forward pass of one picture in the runtime that the app uses. Raises WeightsError."""
    inputs = np.zeros((1, 1, *spec.input_hw), np.float32)
    runtime = engine().runtime(spec, inputs)
    runtime(inputs)
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        runtime(inputs)
        seconds.append(time.perf_counter() - begin)
    return median(seconds)


def points(specs: Iterable[ModelSpec], latencies: dict[str, float]) -> list[NetworkPoint]:
    """The chart's points for networks whose accuracy is known. latencies: seconds by name, as far as measured."""
    found = []
    for spec in specs:
        row, accuracy = papers(spec), accuracy_of(spec)
        if row is not None and accuracy is not None:
            found.append(
                NetworkPoint(
                    title=spec.name,
                    accuracy=accuracy,
                    parameters=row.parameters,
                    latency_s=latencies.get(spec.name),
                )
            )
    return found
