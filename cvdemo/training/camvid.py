"""The CamVid road scenes (Brostow et al., 2008): reading the folders."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import DatasetError
from cvdemo.labels import CAMVID

#: Label of pixels that count neither in training nor in the figures.
VOID = len(CAMVID)

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
            "val/images and val/masks of CamVid."
        )
    pairs = [(path, root / "masks" / f"{path.stem}.png") for path in images]
    for path, mask in pairs:
        if not mask.is_file():
            raise DatasetError(f"'{path}' has no mask '{mask}'; copy the data set again.")
    return pairs


def read_split(folder: Path, split: str) -> list[Pair]:
    """All pictures of a split: ((H, W, 3) uint8 RGB, (H, W) uint8 class index, 11 = void). Raises DatasetError."""
    return [_read_pair(*paths) for paths in pair_paths(folder, split)]


def _read_pair(image_path: Path, mask_path: Path) -> Pair:
    image = cv2.imread(str(image_path), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise DatasetError(f"'{image_path}' cannot be decoded; copy the data set again.")
    pixels = np.asarray(image, np.uint8)
    return pixels, read_mask(mask_path, pixels.shape[:2])


def read_mask(path: Path, size_hw: tuple[int, ...]) -> NDArray[np.uint8]:
    """(H, W) uint8 class index of a picture of that size, 11 = void. Raises DatasetError."""
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if mask is None or mask.shape != size_hw or mask.max() > VOID:
        raise DatasetError(f"'{path}' is not a mask of its picture with classes 0 to {VOID}; copy the data set again.")
    return np.asarray(mask, np.uint8)


def class_weights(pairs: list[Pair]) -> NDArray[np.float32]:
    """(K,) float32: square root of median-frequency balancing (Eigen and Fergus, 2015), so rare classes count more."""
    counts = sum(np.bincount(mask.ravel(), minlength=VOID + 1)[:VOID] for _, mask in pairs)
    frequency = np.maximum(counts, 1) / np.sum(counts)
    return np.sqrt(np.median(frequency) / frequency).astype(np.float32)
