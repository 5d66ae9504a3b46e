"""Pictures with a class for every pixel: reading the folders. The class number K of a data set of K classes is void:
its pixels count neither in training nor in the figures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import DatasetError

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def pair_paths(folder: Path, split: str) -> list[tuple[Path, Path]]:
    """Pictures of a split with their masks, sorted by name.

    folder holds SPLIT/images/NAME.webp|png|jpg and SPLIT/masks/NAME.png. Raises DatasetError.
    """
    root = folder / split
    images = sorted(path for path in (root / "images").glob("*") if path.suffix in {".webp", ".png", ".jpg"})
    if not images:
        raise DatasetError(
            f"No pictures in '{root / 'images'}'; pass --data the folder that holds train/images, train/masks, "
            "val/images and val/masks of the data set."
        )
    pairs = [(path, root / "masks" / f"{path.stem}.png") for path in images]
    for path, mask in pairs:
        if not mask.is_file():
            raise DatasetError(f"'{path}' has no mask '{mask}'; copy the data set again.")
    return pairs


def read_split(folder: Path, split: str, classes: int, long_side: int | None = None) -> list[Pair]:
    """All pictures of a split: ((H, W, 3) uint8 RGB, (H, W) uint8 class index, the number of classes for void).

    long_side: scales the pictures to that; None leaves them. Raises DatasetError.
    """
    return [_scaled(_read_pair(*paths, classes), long_side) for paths in pair_paths(folder, split)]


def _scaled(pair: Pair, long_side: int | None) -> Pair:
    image, mask = pair
    if long_side is None or max(mask.shape) == long_side:
        return pair
    scale = long_side / max(mask.shape)
    size_wh = (round(mask.shape[1] * scale), round(mask.shape[0] * scale))
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    image = np.asarray(cv2.resize(image, size_wh, interpolation=smooth), np.uint8)
    return image, np.asarray(cv2.resize(mask, size_wh, interpolation=cv2.INTER_NEAREST), np.uint8)


def _read_pair(image_path: Path, mask_path: Path, classes: int) -> Pair:
    image = cv2.imread(str(image_path), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise DatasetError(f"'{image_path}' cannot be decoded; copy the data set again.")
    pixels = np.asarray(image, np.uint8)
    return pixels, read_mask(mask_path, pixels.shape[:2], classes)


def read_mask(path: Path, size_hw: tuple[int, ...], classes: int) -> NDArray[np.uint8]:
    """(H, W) uint8 class index of a picture of that size, the number of classes for void. Raises DatasetError."""
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if mask is None or mask.shape != size_hw or mask.max() > classes:
        raise DatasetError(
            f"'{path}' is not a mask of its picture with classes 0 to {classes}; copy the data set again."
        )
    return np.asarray(mask, np.uint8)


def class_weights(pairs: list[Pair], classes: int, balance: float = 0.5) -> NDArray[np.float32]:
    """(K,) float32: median-frequency balancing (Eigen and Fergus, 2015) to the power of balance, so that rare classes
    count more."""
    counts = sum(np.bincount(mask.ravel(), minlength=classes + 1)[:classes] for _, mask in pairs)
    frequency = np.maximum(counts, 1) / np.sum(counts)
    return ((np.median(frequency) / frequency) ** balance).astype(np.float32)
