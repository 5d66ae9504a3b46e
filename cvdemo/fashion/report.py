"""What a garment network says about test images, recorded once: weights/NAME.report.npz and NAME.report.json."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.fashion.networks import GarmentClassifier, prepared
from cvdemo.fashion_samples import fashion_samples
from cvdemo.registry import ModelSpec
from cvdemo.settings import settings
from cvdemo.weights import papers

#: Confidences are stored in steps of 1/65535, places of the map in steps of 1/65535 of its side.
_STEPS = 65535


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A network on N test images.

    labels, predicted: (N,) uint8 classes. confidence: (N,) float32, probability of the predicted class.
    shipped: (1000,) int64, the rows of the images that come with the package, in their order. places: (1000, 2) float32
    in 0..1, these images on the map of the penultimate layer. map_method: how the map was made. complete: whether N is
    the whole test set; otherwise the figures are those of the 1,000 images.
    """

    labels: NDArray[np.uint8]
    predicted: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    shipped: NDArray[np.int64]
    places: NDArray[np.float32]
    map_method: str
    complete: bool

    @property
    def accuracy(self) -> float:
        """Share of the images that were named right."""
        return float((self.labels == self.predicted).mean())

    @property
    def of(self) -> str:
        """What the figures are about, as the page says it."""
        n = f"{len(self.labels):,}"
        return f"the {n} test images" if self.complete else f"the {n} test images that come with the app"


def quick_report(network: GarmentClassifier) -> Report:
    """The network on the shipped images, now. The map shows the two best linear discriminants of its features."""
    samples = fashion_samples()
    predicted, confidence = best(network, samples.images)
    places = spread(discriminants(embedded(network, samples.images), samples.labels))
    rows = np.arange(len(samples.labels))
    return Report(samples.labels, predicted, confidence, rows, places, "linear discriminants", complete=False)


def best(network: GarmentClassifier, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The predicted class (N,) uint8 and its probability (N,) float32 for pictures (N, 28, 28) uint8."""
    probs = network.probabilities(pictures)
    return probs.argmax(axis=1).astype(np.uint8), probs.max(axis=1)


def embedded(network: GarmentClassifier, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 28, 28) uint8 -> (N, D) float32: what the network's last layer reads."""
    import torch

    module = network.module()
    device = next(module.parameters()).device
    parts = np.array_split(prepared(pictures), max(1, len(pictures) // 250))
    with torch.inference_mode():
        features = [module.embed(torch.tensor(part, device=device)) for part in parts]
    return torch.cat(features).cpu().numpy()


def discriminants(features: NDArray[np.float32], labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Fisher's linear discriminants: (N, D) features, (N,) classes -> the two directions that part the classes best."""
    from scipy.linalg import eigh

    x = features.astype(np.float64) - features.mean(axis=0)
    means = np.stack([x[labels == c].mean(axis=0) if (labels == c).any() else x[0] * 0 for c in range(10)])
    within = (x - means[labels]).T @ (x - means[labels]) / len(x)
    between = means[labels].T @ means[labels] / len(x)
    size = len(within)
    ridge = max(1e-3 * float(np.trace(within)) / size, 1e-9)
    _, axes = eigh(between, within + ridge * np.eye(size), subset_by_index=[size - 2, size - 1])
    return (x @ axes[:, ::-1]).astype(np.float32)


def spread(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points stretched to fill 0..1 both ways; the outermost half per cent are drawn in."""
    low, high = np.quantile(points, [0.005, 0.995], axis=0)
    return ((points - low) / np.maximum(high - low, 1e-9)).clip(0, 1).astype(np.float32)


def save_report(spec: ModelSpec, report: Report, figures: dict[str, Any]) -> Path:
    """Write both files beside the weights they belong to; returns the path of the readable one."""
    from cvdemo.training.checkpoint import replace_file, save_json

    folder = settings().weights_dir
    arrays_path, papers_path = _paths(folder, spec)
    row = papers(spec)
    assert row is not None, "a report belongs to weights in the manifest"

    def write(target: Path) -> None:
        with target.open("wb") as file:
            np.savez_compressed(
                file,
                labels=report.labels,
                predicted=report.predicted,
                confidence=(report.confidence * _STEPS).round().astype(np.uint16),
                places=(report.places * _STEPS).round().astype(np.uint16),
            )

    replace_file(arrays_path, write)
    digest = hashlib.sha256(arrays_path.read_bytes()).hexdigest()
    about = {"model": spec.name, "weights_sha256": row.sha256, "map": report.map_method}
    save_json(papers_path, {**about, **figures, "arrays_sha256": digest})
    return papers_path


def recorded_report(spec: ModelSpec) -> Report | None:
    """The report of the model's present weights, or None where none was recorded for them."""
    row = papers(spec)
    arrays_path, papers_path = _paths(settings().weights_dir, spec)
    if row is None or not papers_path.is_file() or not arrays_path.is_file():
        return None
    return _read(arrays_path, papers_path, papers_path.stat().st_mtime_ns, row.sha256)


@lru_cache(maxsize=16)
def _read(arrays_path: Path, papers_path: Path, stamp: int, weights_sha256: str) -> Report | None:
    about = json.loads(papers_path.read_text(encoding="utf-8"))
    digest = hashlib.sha256(arrays_path.read_bytes()).hexdigest()
    if about["weights_sha256"] != weights_sha256 or about["arrays_sha256"] != digest:
        return None
    with np.load(arrays_path, allow_pickle=False) as arrays:
        return Report(
            labels=arrays["labels"],
            predicted=arrays["predicted"],
            confidence=arrays["confidence"].astype(np.float32) / _STEPS,
            shipped=fashion_samples().test_index.astype(np.int64),
            places=arrays["places"].astype(np.float32) / _STEPS,
            map_method=about["map"],
            complete=True,
        )


def _paths(folder: Path, spec: ModelSpec) -> tuple[Path, Path]:
    return folder / f"{spec.name}.report.npz", folder / f"{spec.name}.report.json"
