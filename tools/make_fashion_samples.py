"""Writes cvdemo/assets/fashion_samples.npz: the first 100 test images of every class. Same data, same bytes.

Run: python -m tools.make_fashion_samples
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cvdemo import fashion_samples
from cvdemo.labels import FASHION
from cvdemo.training.fashion_mnist import Garments, read_garments

PER_CLASS = 100


def chosen(garments: Garments) -> np.ndarray:
    """(1000,) uint16: places of the chosen images, class by class."""
    places = [np.flatnonzero(garments.labels == index)[:PER_CLASS] for index in range(len(FASHION))]
    return np.concatenate(places).astype(np.uint16)


def main() -> None:
    """Write the file into the package."""
    garments = read_garments("test")
    index = chosen(garments)
    path = Path(fashion_samples.__file__).parent / fashion_samples.ASSET
    np.savez_compressed(path, images=garments.images[index], labels=garments.labels[index], test_index=index)
    print(f"wrote {path.name}: {len(index)} images, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
