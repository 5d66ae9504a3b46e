"""TensorFlow kernels in torch's order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def conv_kernel(hwio: NDArray[Any]) -> NDArray[Any]:
    """(kh, kw, in, out) -> (out, in, kh, kw)."""
    return np.ascontiguousarray(hwio.transpose(3, 2, 0, 1))


def depthwise_kernel(hwc1: NDArray[Any]) -> NDArray[Any]:
    """(kh, kw, channels, 1) -> (channels, 1, kh, kw). Raises ValueError for a depth multiplier above 1."""
    if hwc1.shape[3] != 1:
        raise ValueError(f"depth multiplier {hwc1.shape[3]} is not supported")
    return np.ascontiguousarray(hwc1.transpose(2, 3, 0, 1))
