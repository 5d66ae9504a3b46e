"""The garment networks at hand: the shipped ones by their registry row, and one that a visitor has trained."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.imaging import image_from_pixels
from cvdemo.labels import FASHION
from cvdemo.models import family_of
from cvdemo.models.garment import SIDE, prepare_garment
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.types import Classification, Image, Letterbox, RawOutput, Timed
from cvdemo.weights import papers, unavailable_reason

if TYPE_CHECKING:
    from torch import Tensor

    from cvdemo.models.nets.fashion.base import GarmentNet

_BATCH = 250


class GarmentClassifier(Protocol):
    """A network that tells the ten kinds of garment apart. key: differs whenever its answers may differ."""

    @property
    def key(self) -> str: ...

    @property
    def title(self) -> str: ...

    def answer(self, image: Image) -> Timed[Classification]:
        """The kinds of garment that a picture of any size may show."""

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, 10) float32, each picture as answer() would have it, but many at once."""

    def module(self) -> GarmentNet:
        """The network itself in eval mode, to look at its features."""


@dataclass(frozen=True, slots=True)
class ShippedClassifier:
    """A network of the registry, run by the engine."""

    spec: ModelSpec

    @property
    def key(self) -> str:
        """The model's name and the beginning of its file's SHA-256."""
        row = papers(self.spec)
        return f"{self.spec.name}:{row.sha256[:12] if row else ''}"

    @property
    def title(self) -> str:
        return self.spec.title

    def answer(self, image: Image) -> Timed[Classification]:
        """The answer, from the engine's cache if the picture went through before. Raises WeightsError, DeviceError."""
        timed: Timed[Classification] = tasks.run(self.spec, image)
        return timed

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Batch by batch through the engine's own runtime, prepared and decoded by the network's family."""
        family = family_of(self.spec)
        ready = [family.preprocess(self.spec, image_from_pixels(picture), None) for picture in pictures]
        inputs = np.concatenate([prepared.inputs for prepared in ready])
        runtime = engine().runtime(self.spec, inputs[:1])
        logits = np.concatenate([runtime(inputs[i : i + _BATCH])[0] for i in range(0, len(inputs), _BATCH)])
        ends = np.cumsum([len(prepared.inputs) for prepared in ready])[:-1]
        parts = zip(np.split(logits, ends), ready, strict=True)
        return np.stack([self._decoded(part, prepared.letterboxes) for part, prepared in parts])

    def _decoded(self, logits: NDArray[np.float32], letterboxes: tuple[Letterbox, ...]) -> NDArray[np.float32]:
        result = family_of(self.spec).decode(self.spec, RawOutput({"logits": logits}, letterboxes, (SIDE, SIDE)))
        assert isinstance(result, Classification)
        return result.probs

    def module(self) -> GarmentNet:
        """The engine's copy for looking inside."""
        module: GarmentNet = engine().module(self.spec)  # type: ignore[assignment]
        return module


@dataclass(frozen=True, slots=True)
class TrainedClassifier:
    """A network fresh from training, on the CPU in eval mode. key: unique to that training. mirrored: whether it also
    looks at the mirror image and the mean counts, as the shipped network of its kind may do."""

    key: str
    title: str
    network: GarmentNet
    mirrored: bool = False

    def answer(self, image: Image) -> Timed[Classification]:
        """The answer; nothing is cached."""
        start = time.perf_counter()
        inputs = to_input(prepare_garment(image).result)
        ready = time.perf_counter()
        logits = self._logits(inputs)
        end = time.perf_counter()
        result = Classification(softmax(logits)[0], FASHION)
        return Timed(result, ready - start, end - ready, time.perf_counter() - end, "cpu", self.title)

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Batch by batch through the module."""
        return softmax(self._logits(prepared(pictures)))

    def _logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            batches = (torch.tensor(inputs[i : i + _BATCH]) for i in range(0, len(inputs), _BATCH))
            return np.concatenate([self._looked_at(batch).numpy() for batch in batches])

    def _looked_at(self, batch: Tensor) -> Tensor:
        """(N, 10) logits of (N, 1, 28, 28) inputs."""
        logits: Tensor = self.network(batch)[0]
        return (logits + self.network(batch.flip(-1))[0]) / 2 if self.mirrored else logits

    def module(self) -> GarmentNet:
        """The network."""
        return self.network


def fashion_specs() -> list[ModelSpec]:
    """The registered garment networks whose weights are on this machine, the most accurate first."""
    present = [spec for spec in REGISTRY if spec.family == "fashion" and unavailable_reason(spec) is None]
    return sorted(present, key=lambda spec: -_accuracy(spec))


def _accuracy(spec: ModelSpec) -> float:
    row = papers(spec)
    return row.accuracy[0].value if row and row.accuracy else 0.0


def to_input(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(28, 28) uint8, light on black -> (1, 1, 28, 28) float32 in 0..1."""
    return (picture[None, None] / 255).astype(np.float32)


def prepared(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 28, 28) uint8 -> (N, 1, 28, 28) float32, each made ready as the app does with any picture."""
    images = (image_from_pixels(picture) for picture in pictures)
    return np.concatenate([to_input(prepare_garment(image).result) for image in images])


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, K) logits -> (N, K) probabilities."""
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
