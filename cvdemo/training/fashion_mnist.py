"""Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): where it lies, and the random changes used in training."""

from __future__ import annotations

import gzip
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cvdemo.errors import DatasetError

FILES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
         "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}  # fmt: skip
#: Training images set aside to choose recipes by; the test images are for the final figure only.
HELD_OUT = 5000


@dataclass(frozen=True, slots=True, eq=False)
class Garments:
    """images: (N, 28, 28) uint8, light on black. labels: (N,) uint8 in 0..9."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[np.int64] | slice) -> Garments:
        """The chosen garments, in the order of index."""
        return Garments(self.images[index], self.labels[index])


def download_folder() -> Path:
    """Where download_fashion_mnist puts the files: $CVDEMO_DATA, or the user's cache."""
    chosen = os.environ.get("CVDEMO_DATA")
    return Path(chosen) if chosen else Path.home() / ".cache" / "cvdemo"


def fashion_folders() -> list[Path]:
    """Folders in which the four IDX files are looked for, first match wins."""
    inside = Path("FashionMNIST") / "raw"
    roots = [download_folder(), Path("data"), Path.home() / "data", Path.home() / ".cache" / "torchvision"]
    own = [roots[0], roots[0] / "fashion-mnist"]
    return [*own, Path("/usr/share/datasets/fashion-mnist"), *(root / inside for root in roots)]


def find_fashion_mnist() -> Path | None:
    """The first folder that holds all four files, plain or gzipped; None when there is none."""
    names = [name for pair in FILES.values() for name in pair]
    for folder in fashion_folders():
        if all(_idx_path(folder, name) for name in names):
            return folder
    return None


def download_fashion_mnist() -> Path:
    """Fetch the data set with torchvision (30 MB) and return its folder. Raises DatasetError."""
    from torchvision.datasets import FashionMNIST

    try:
        FashionMNIST(str(download_folder()), download=True)
    except (OSError, RuntimeError) as error:
        raise DatasetError(
            "Fashion-MNIST could not be downloaded; check the internet connection, or install the Debian package "
            "dataset-fashion-mnist."
        ) from error
    return download_folder() / "FashionMNIST" / "raw"


def read_garments(split: str, folder: Path | None = None) -> Garments:
    """The 'train' (60,000) or 'test' (10,000) images. folder: None looks in the usual places. Raises DatasetError."""
    folder = folder or find_fashion_mnist()
    if folder is None:
        raise DatasetError(
            "Fashion-MNIST is not on this machine; install the Debian package dataset-fashion-mnist, or set "
            "CVDEMO_DATA to the folder with its four files."
        )
    images, labels = (_read_idx(folder, name) for name in FILES[split])
    if images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        raise DatasetError(f"The files in '{folder}' are not Fashion-MNIST; fetch them again.")
    return Garments(images, labels)


def split_held_out(garments: Garments) -> tuple[Garments, Garments]:
    """(training part, the last 5,000), always the same ones."""
    return garments.take(slice(None, -HELD_OUT)), garments.take(slice(-HELD_OUT, None))


def _idx_path(folder: Path, name: str) -> Path | None:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    return None


def _read_idx(folder: Path, name: str) -> NDArray[np.uint8]:
    """An array in LeCun's IDX format: two zeros, type 8 = uint8, number of axes, big-endian lengths, the bytes."""
    path = _idx_path(folder, name)
    if path is None:
        raise DatasetError(f"'{folder / name}' is missing; fetch Fashion-MNIST again.")
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, ValueError) as error:
        raise DatasetError(f"'{path}' cannot be read; fetch Fashion-MNIST again.") from error
    axes = data[3] if len(data) > 3 and data[:3] == b"\0\0\x08" else 0
    shape = np.frombuffer(data[4 : 4 + 4 * axes], ">u4").astype(int)
    body = np.frombuffer(data, np.uint8, offset=min(4 + 4 * axes, len(data)))
    if not axes or len(body) != math.prod(shape):
        raise DatasetError(f"'{path}' is damaged; fetch Fashion-MNIST again.")
    return body.reshape(shape)


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
    rows = (line >= top[:, None]) & (line < (top + height)[:, None])
    columns = (line >= left[:, None]) & (line < (left + width)[:, None])
    chosen = rng.random(count) < probability
    hole = rows[:, :, None] & columns[:, None, :] & chosen[:, None, None]
    return np.where(hole, rng.integers(0, 256, images.shape, np.uint8), images)


class GarmentBatches:
    """Shuffled, changed batches of garments; the same epoch number always gives the same batches."""

    def __init__(
        self, garments: Garments, batch_size: int, augmentation: Augmentation, seed: int = 0
    ) -> None:
        self.garments = garments
        self.batch_size = min(batch_size, len(garments))
        self.augmentation = augmentation
        self.seed = seed

    def __len__(self) -> int:
        return len(self.garments) // self.batch_size

    def __call__(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Pairs of inputs (N, 1, 28, 28) float32 in 0..1 and labels (N,) int64."""
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(len(self.garments))[: len(self) * self.batch_size]
        for index in order.reshape(len(self), self.batch_size):
            images = self.augmentation(self.garments.images[index], rng)
            yield to_inputs(images), torch.from_numpy(self.garments.labels[index].astype(np.int64))


def to_inputs(images: NDArray[np.uint8]) -> Tensor:
    """(N, 28, 28) uint8 -> (N, 1, 28, 28) float32 in 0..1."""
    return torch.from_numpy(images[:, None].astype(np.float32) / 255)
