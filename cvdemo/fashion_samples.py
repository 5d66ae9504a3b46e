"""A thousand test images of Fashion-MNIST that come with the package, so that its pages work without the data set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

#: Of the package. Fashion-MNIST: Copyright (c) 2017 Zalando SE, MIT licence.
ASSET = "assets/fashion_samples.npz"
CREDIT = "Fashion-MNIST, Zalando SE, MIT licence"


@dataclass(frozen=True, slots=True, eq=False)
class FashionSamples:
    """The first 100 test images of each class, class by class.

    images: (1000, 28, 28) uint8, light on black. labels: (1000,) uint8 class index in cvdemo.labels.FASHION.
    test_index: (1000,) uint16, each one's place among the 10,000 test images.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    test_index: NDArray[np.uint16]


@cache
def fashion_samples() -> FashionSamples:
    """The samples, read once; the arrays are read-only."""
    with (files("cvdemo") / ASSET).open("rb") as file, np.load(file) as arrays:
        samples = FashionSamples(arrays["images"], arrays["labels"], arrays["test_index"])
    for array in (samples.images, samples.labels, samples.test_index):
        array.setflags(write=False)
    return samples
