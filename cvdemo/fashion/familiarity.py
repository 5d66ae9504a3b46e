"""Does a picture look like Fashion-MNIST at all? A network names a garment for anything, so this is asked first.

Method: Mahalanobis distance in feature space (Lee et al., NeurIPS 2018). One network, fashion-nano, looks at the
28x28 picture; the means of the feature maps of its stem and of every stage are its features, shallow ones included,
since those notice strange textures. Gaussians with one covariance for all ten classes are fitted to the features of
training images; the distance to the nearest class centre tells how strange a picture is. The threshold is the
quantile of the distances of training images that were held out from the network's training.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.registry import REGISTRY
from cvdemo.settings import settings
from cvdemo.weights import papers

if TYPE_CHECKING:
    from torch import Tensor

#: The network whose features are compared, whichever network names the garment.
CHECKER = "fashion-nano"
#: Share of held-out garments that the threshold lets warn about.
FALSE_ALARM_RATE = 0.05
ARRAYS, PAPERS = "fashion-check.npz", "fashion-check.json"
#: Share of the mean variance added to each, so that features that hardly vary cannot decide alone.
_RIDGE = 1e-3
_BATCH = 250
METHOD = (
    "Mahalanobis distance to the nearest class centre (Lee et al., 2018) in the mean activations of the stem and the "
    "stages of fashion-nano"
)


@dataclass(frozen=True, slots=True, eq=False)
class Familiarity:
    """The fitted check.

    means: (10, D) float32 class centres. precision: (D, D) float32 inverse covariance. quantiles: (101,) float32,
    the 0th to 100th percentile of the distances of held-out garments. threshold: distance from which a picture is
    strange. figures: what was measured, as fashion-check.json has it.
    """

    means: NDArray[np.float32]
    precision: NDArray[np.float32]
    quantiles: NDArray[np.float32]
    threshold: float
    figures: dict[str, Any]

    def distances(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, D) features -> (N,) squared distance to the nearest class centre."""
        offsets = features[:, None] - self.means
        nearest = np.einsum("nkd,de,nke->nk", offsets, self.precision, offsets, optimize=True).min(axis=1)
        return nearest.astype(np.float32)

    def rarity(self, distance: float) -> float:
        """Share of held-out garments that are less strange than that, 0..1 in steps of 0.01."""
        return float(np.searchsorted(self.quantiles, distance) / len(self.quantiles))


def features(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 1, 28, 28) float32 in 0..1 -> (N, D) float32: mean activation of every channel. Raises WeightsError."""
    import torch

    batches = (inputs[i : i + _BATCH] for i in range(0, len(inputs), _BATCH))
    with torch.inference_mode():
        return np.concatenate([_means(torch.tensor(batch)).cpu().numpy() for batch in batches])


def _means(inputs: Tensor) -> Tensor:
    import torch

    from cvdemo.models.nets.fashion.residual import ResidualNet

    network = engine().module(REGISTRY.get(CHECKER))
    assert isinstance(network, ResidualNet)
    maps = network.stem(inputs.to(engine().device))
    means = [maps.mean((2, 3))]
    for stage in network.stages:
        maps = stage(maps)
        means.append(maps.mean((2, 3)))
    return torch.cat(means, dim=1)


def fit(training: NDArray[np.float32], labels: NDArray[np.uint8], held_out: NDArray[np.float32]) -> Familiarity:
    """Centres and covariance from the features of training images, the threshold from those of held-out ones.

    training: (N, D), labels: (N,) classes 0..9, held_out: (M, D).
    """
    means = np.stack([training[labels == c].mean(axis=0) for c in range(10)]).astype(np.float32)
    residuals = (training - means[labels]).astype(np.float64)
    covariance = residuals.T @ residuals / len(residuals)
    covariance += np.eye(len(covariance)) * (_RIDGE * np.trace(covariance) / len(covariance))
    precision = np.linalg.inv(covariance).astype(np.float32)
    unscaled = Familiarity(means, precision, np.zeros(101, np.float32), 0.0, {})
    distances = unscaled.distances(held_out)
    quantiles = np.quantile(distances, np.linspace(0, 1, 101)).astype(np.float32)
    threshold = float(np.quantile(distances, 1 - FALSE_ALARM_RATE))
    return Familiarity(means, precision, quantiles, threshold, {})


def save(check: Familiarity, figures: dict[str, Any], folder: Path) -> None:
    """Write the check beside the weights: arrays, and a readable file of how it was made and how well it does."""
    from cvdemo.training.checkpoint import replace_file, save_json

    half = check.precision[np.tril_indices(len(check.precision))]  # it is symmetric
    path = folder / ARRAYS

    def write(target: Path) -> None:
        with target.open("wb") as file:
            np.savez_compressed(file, means=check.means, precision=half, quantiles=check.quantiles)

    replace_file(path, write)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    save_json(folder / PAPERS, {**figures, "threshold": check.threshold, "arrays_sha256": digest})


def load() -> Familiarity | None:
    """The recorded check, or None where there is none for the checker's present weights."""
    folder = settings().weights_dir
    row = papers(REGISTRY.get(CHECKER))
    try:
        stamp = (folder / PAPERS).stat().st_mtime_ns, (folder / ARRAYS).stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _load(folder, stamp, row.sha256) if row else None


@lru_cache(maxsize=2)
def _load(folder: Path, stamp: tuple[int, int], weights_sha256: str) -> Familiarity | None:
    figures = json.loads((folder / PAPERS).read_text(encoding="utf-8"))
    blob = (folder / ARRAYS).read_bytes()
    if figures["weights_sha256"] != weights_sha256 or figures["arrays_sha256"] != hashlib.sha256(blob).hexdigest():
        return None
    with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
        means, packed, quantiles = arrays["means"], arrays["precision"], arrays["quantiles"]
    size = means.shape[1]
    precision = np.zeros((size, size), np.float32)
    precision[np.tril_indices(size)] = packed
    precision = precision + np.tril(precision, -1).T
    return Familiarity(means, precision, quantiles, float(figures["threshold"]), figures)
