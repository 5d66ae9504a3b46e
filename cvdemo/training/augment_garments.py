"""Random changes to garments, so that a network cannot learn the pictures by heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """Random changes to a garment. shift: pixels at most, each way. mirror: half of them. erase: probability of
    overwriting a random rectangle with noise (Zhong et al., 2017)."""

    shift: int = 0
    mirror: bool = False
    erase: float = 0.0

    def __call__(self, images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """(N, 28, 28) uint8 -> the same, changed."""
        if self.shift:
            images = _shifted(images, self.shift, rng)
        if self.mirror:
            flips = rng.random(len(images)) < 0.5
            images = np.where(flips[:, None, None], images[:, :, ::-1], images)
        if self.erase:
            images = _erased(images, self.erase, rng)
        return np.ascontiguousarray(images)


def _shifted(images: NDArray[np.uint8], most: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    size = images.shape[1]
    padded = np.pad(images, ((0, 0), (most, most), (most, most)))
    y, x = rng.integers(0, 2 * most + 1, (2, len(images), 1))
    rows, columns = y + np.arange(size), x + np.arange(size)
    return padded[np.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]


def _erased(images: NDArray[np.uint8], probability: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    count, size = images.shape[:2]
    area = rng.uniform(0.02, 0.3, count) * size * size
    aspect = np.exp(rng.uniform(np.log(0.3), np.log(1 / 0.3), count))
    height = np.minimum(np.sqrt(area * aspect), size - 1).astype(int)
    width = np.minimum(np.sqrt(area / aspect), size - 1).astype(int)
    top = (rng.random(count) * (size - height)).astype(int)
    left = (rng.random(count) * (size - width)).astype(int)
    line = np.arange(size)
    rows = np.logical_and(line >= top[:, None], line < (top + height)[:, None])
    columns = np.logical_and(line >= left[:, None], line < (left + width)[:, None])
    chosen = np.less(rng.random(count), probability)
    hole = rows[:, :, None] & columns[:, None, :] & chosen[:, None, None]
    return np.where(hole, rng.integers(0, 256, images.shape, np.uint8), images)
