"""The values that travel between layers: numpy only, immutable, shape and dtype checked on construction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


def _check(owner: object, name: str, shape: tuple[int | None, ...], dtype: type[np.generic]) -> None:
    """Refuse an array of another shape or dtype (None admits any length) and make it read-only."""
    array = getattr(owner, name)
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        kind = getattr(array, "dtype", type(array).__name__)
        raise TypeError(f"{type(owner).__name__}.{name} must be a numpy array of {dtype.__name__}, not {kind}")
    fits = len(shape) == array.ndim and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits:
        raise ValueError(f"{type(owner).__name__}.{name} must have shape {shape}, not {array.shape}")
    array.setflags(write=False)


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A decoded picture.

    pixels: (H, W, 3) uint8 RGB, upright. sha256: hex digest of the bytes it was decoded from, the key of
    every cache. name: what the user calls it, safe to display.
    """

    pixels: NDArray[np.uint8]
    sha256: str
    name: str

    def __post_init__(self) -> None:
        _check(self, "pixels", (None, None, 3), np.uint8)
        if 0 in self.pixels.shape:
            raise ValueError("Image.pixels must hold at least one pixel")

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """probs: (K,) float32, sums to 1. class_names: K names in the order of probs."""

    probs: NDArray[np.float32]
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        _check(self, "probs", (len(self.class_names),), np.float32)

    def top(self, k: int) -> list[tuple[int, str, float]]:
        """The k most probable classes as (class_id, name, probability), best first."""
        order = np.argsort(-self.probs, kind="stable")[:k]
        return [(int(i), self.class_names[i], float(self.probs[i])) for i in order]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes on a picture.

    xyxy: (N, 4) float32, absolute pixels, x right, y down. scores: (N,) float32 in 0..1.
    class_ids: (N,) int64. size_hw: height and width of the picture in pixels.
    """

    xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int64]
    size_hw: tuple[int, int]

    def __post_init__(self) -> None:
        _check(self, "xyxy", (None, 4), np.float32)
        _check(self, "scores", (len(self.xyxy),), np.float32)
        _check(self, "class_ids", (len(self.xyxy),), np.int64)

    @classmethod
    def empty(cls, size_hw: tuple[int, int]) -> Detections:
        """No boxes on a picture of that size."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64), size_hw)

    def __len__(self) -> int:
        return len(self.xyxy)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Detections:
        """The chosen boxes, in the order of index (integers or a boolean mask)."""
        return Detections(self.xyxy[index], self.scores[index], self.class_ids[index], self.size_hw)


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """One class for every pixel.

    class_map: (H, W) uint8 class index at the picture's own size. probs: (K, h, w) float32, softmax over K,
    at the network's output resolution (covering the whole picture). size_hw: (H, W).
    """

    class_map: NDArray[np.uint8]
    probs: NDArray[np.float32]
    size_hw: tuple[int, int]

    def __post_init__(self) -> None:
        _check(self, "class_map", self.size_hw, np.uint8)
        _check(self, "probs", (None, None, None), np.float32)

    def shares(self) -> NDArray[np.float64]:
        """(K,) float64: the share of the picture's pixels that each class covers; sums to 1."""
        counts = np.bincount(self.class_map.ravel(), minlength=len(self.probs))
        return counts / self.class_map.size


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """People with their joints.

    boxes: one box and score a person (class_ids are all 0). keypoints: (N, J, 2) float32, absolute pixels.
    keypoint_scores: (N, J) float32 in 0..1. skeleton: pairs of joint indices to join with a line.
    """

    boxes: Detections
    keypoints: NDArray[np.float32]
    keypoint_scores: NDArray[np.float32]
    skeleton: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        _check(self, "keypoints", (len(self.boxes), None, 2), np.float32)
        _check(self, "keypoint_scores", self.keypoints.shape[:2], np.float32)

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width of the picture in pixels."""
        return self.boxes.size_hw

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Poses:
        """The chosen people, in the order of index (integers or a boolean mask)."""
        return Poses(self.boxes.take(index), self.keypoints[index], self.keypoint_scores[index], self.skeleton)


Result = Classification | Detections | Segmentation | Poses


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture was laid into a network's input: scaled by scale_xy, then shifted by pad_xy (input pixels).

    size_hw: the picture. input_hw: the network's input. A plain resize is the case pad_xy = (0, 0).
    """

    size_hw: tuple[int, int]
    input_hw: tuple[int, int]
    scale_xy: tuple[float, float]
    pad_xy: tuple[float, float]

    def to_image(self, xy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map points (..., 2) from network-input pixels to picture pixels."""
        return ((xy - np.array(self.pad_xy, np.float32)) / np.array(self.scale_xy, np.float32)).astype(np.float32)

    def to_input(self, xy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map points (..., 2) from picture pixels to network-input pixels."""
        return (xy * np.array(self.scale_xy, np.float32) + np.array(self.pad_xy, np.float32)).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A picture made ready for a network: inputs (N, C, H, W) float32, and where each of the N came from."""

    inputs: NDArray[np.float32]
    letterboxes: tuple[Letterbox, ...]

    def __post_init__(self) -> None:
        _check(self, "inputs", (len(self.letterboxes), None, None, None), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class RawOutput:
    """What the forward pass returned, before any threshold: this is what gets cached.

    outputs: the network's outputs by name, batch axis kept. letterboxes: one per batch item.
    people: for top-down pose, the detector's boxes that the batch items were cut from. preprocess_s, forward_s:
    seconds the two steps took when they were done, on device.
    """

    outputs: Mapping[str, NDArray[np.float32]]
    letterboxes: tuple[Letterbox, ...]
    size_hw: tuple[int, int]
    people: Detections | None = None
    preprocess_s: float = 0.0
    forward_s: float = 0.0
    device: str = "cpu"

    @property
    def nbytes(self) -> int:
        """Bytes held, for bounded caches."""
        return sum(array.nbytes for array in self.outputs.values())


@dataclass(frozen=True, slots=True)
class Timed(Generic[T]):
    """A result with the seconds spent on each step (the first two, when they were last done), the device and the
    name of the model that produced it."""

    result: T
    preprocess_s: float
    forward_s: float
    postprocess_s: float
    device: str
    model: str
