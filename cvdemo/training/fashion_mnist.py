"""Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): where it lies, and how it is read."""

from __future__ import annotations

import gzip
import math
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import DatasetError

FILES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
         "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}  # fmt: skip
#: Of the package dataset-fashion-mnist.
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
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
    return [*own, DEBIAN_FOLDER, *(root / inside for root in roots)]


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
