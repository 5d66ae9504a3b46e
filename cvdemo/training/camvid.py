"""The CamVid road scenes: reading the folders, and the random changes that make few pictures go a long way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cvdemo.errors import DatasetError
from cvdemo.labels import CAMVID
from cvdemo.models.unet import normalise

#: Label of pixels that count neither in training nor in the figures.
VOID = len(CAMVID)
#: What normalise() maps to zero: the colour of the padding.
GREY = (127, 127, 127)

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def read_split(folder: Path, split: str) -> list[Pair]:
    """All pictures of a split: ((H, W, 3) uint8 RGB, (H, W) uint8 class index, 11 = void), sorted by file name.

    folder holds SPLIT/images/NAME.webp|png|jpg and SPLIT/masks/NAME.png. Raises DatasetError.
    """
    root = folder / split
    images = sorted(path for path in (root / "images").glob("*") if path.suffix in {".webp", ".png", ".jpg"})
    if not images:
        raise DatasetError(
            f"No pictures in '{root / 'images'}'; pass --data the folder that holds train/images, train/masks, "
            "val/images and val/masks of CamVid."
        )
    return [_read_pair(path, root / "masks" / f"{path.stem}.png") for path in images]


def _read_pair(image_path: Path, mask_path: Path) -> Pair:
    if not mask_path.is_file():
        raise DatasetError(f"'{image_path}' has no mask '{mask_path}'; copy the data set again.")
    image = cv2.imread(str(image_path), cv2.IMREAD_COLOR_RGB)
    mask = cv2.imread(str(mask_path), cv2.IMREAD_GRAYSCALE)
    if image is None or mask is None:
        raise DatasetError(f"'{image_path}' or its mask cannot be decoded; copy the data set again.")
    if image.shape[:2] != mask.shape or mask.max() > VOID:
        raise DatasetError(f"'{mask_path}' does not fit its picture (size, or classes above {VOID}).")
    return image, mask


def class_weights(pairs: list[Pair]) -> NDArray[np.float32]:
    """(K,) float32: square root of median-frequency balancing (Eigen and Fergus, 2015), so rare classes count more."""
    counts = sum(np.bincount(mask.ravel(), minlength=VOID + 1)[:VOID] for _, mask in pairs)
    frequency = np.maximum(counts, 1) / np.sum(counts)
    return np.sqrt(np.median(frequency) / frequency).astype(np.float32)


def augment(pair: Pair, crop_hw: tuple[int, int], rng: np.random.Generator) -> Pair:
    """A random view of a scene: scaled 0.5 to 2, turned, mirrored, shifted, cropped; colours, blur and noise."""
    image, mask = pair
    matrix = _random_view(mask.shape, crop_hw, rng)
    size_wh = crop_hw[::-1]
    view = cv2.warpAffine(image, matrix, size_wh, flags=cv2.INTER_LINEAR, borderValue=GREY)
    labels = cv2.warpAffine(mask, matrix, size_wh, flags=cv2.INTER_NEAREST, borderValue=VOID)
    return _random_look(view, rng), labels


def _random_view(
    size_hw: tuple[int, ...], crop_hw: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """(2, 3) matrix that maps picture pixels to crop pixels."""
    scale = float(np.exp(rng.uniform(np.log(0.5), np.log(2.0))))
    scale = max(scale, 0.8 * min(crop_hw[0] / size_hw[0], crop_hw[1] / size_hw[1]))
    stretch = float(np.exp(rng.uniform(-0.1, 0.1)))
    angle = np.deg2rad(rng.uniform(-7, 7))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([scale * stretch * mirror, scale / stretch])
    spare = [max(side * scale - crop, 0.0) for side, crop in zip(size_hw[::-1], crop_hw[::-1], strict=True)]
    shift = np.array([(rng.random() - 0.5) * room for room in spare])
    centre = np.array([size_hw[1], size_hw[0]]) / 2
    target = np.array([crop_hw[1], crop_hw[0]]) / 2
    return np.column_stack([linear, target + shift - linear @ centre])


def _random_look(view: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Other light, other colours, sometimes out of focus or grainy."""
    if rng.random() < 0.15:
        view = cv2.GaussianBlur(view, (0, 0), rng.uniform(0.5, 1.5))
    pixels = view.astype(np.float32)
    if rng.random() < 0.8:
        grey = pixels @ np.float32([0.299, 0.587, 0.114])
        pixels = grey[..., None] + (pixels - grey[..., None]) * np.float32(rng.uniform(0.5, 1.5))
        pixels *= rng.uniform(0.9, 1.1, 3).astype(np.float32)
        mean = np.float32(pixels.mean())
        pixels = (pixels - mean) * np.float32(rng.uniform(0.7, 1.4)) + mean * np.float32(rng.uniform(0.6, 1.4))
    if rng.random() < 0.15:
        pixels += rng.normal(0, rng.uniform(2, 8), pixels.shape).astype(np.float32)
    return pixels.clip(0, 255).astype(np.uint8)


class Batches:
    """Random crops of a split, batch by batch; the same epoch number always gives the same batches."""

    def __init__(self, pairs: list[Pair], crop_hw: tuple[int, int], batch_size: int, seed: int = 0) -> None:
        self.pairs = pairs
        self.crop_hw = crop_hw
        self.batch_size = min(batch_size, len(pairs))
        self.seed = seed

    def __len__(self) -> int:
        return len(self.pairs) // self.batch_size

    def __call__(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Pairs of inputs (N, 3, h, w) float32 and labels (N, h, w) int64."""
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(len(self.pairs))[: len(self) * self.batch_size]
        for index in order.reshape(len(self), self.batch_size):
            views = [augment(self.pairs[i], self.crop_hw, rng) for i in index]
            inputs = torch.from_numpy(np.stack([normalise(view) for view, _ in views]))
            labels = torch.from_numpy(np.stack([mask for _, mask in views]).astype(np.int64))
            yield inputs, labels
