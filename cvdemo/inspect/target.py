"""One number among a network's outputs, which an explanation is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import RawOutput


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One number among a network's outputs, or the mean of several.

    label: what it stands for, in words. output: name of the output. item: which of the network's inputs. index: where
    in outputs[output][item]. weights: (h, w) float32 that add up to 1, where index leaves a plane.
    """

    label: str
    output: str
    item: int
    index: tuple[int | slice, ...]
    weights: NDArray[np.float32] | None = None

    def of(self, outputs: Mapping[str, Any]) -> Any:
        """The number for every item of a batch, (N,), of numpy arrays or torch tensors alike (and with their
        gradient)."""
        picked = outputs[self.output][(slice(None), *self.index)]
        if self.weights is None:
            return picked
        weights = self.weights if isinstance(picked, np.ndarray) else picked.new_tensor(self.weights)
        return (picked * weights).sum(-1).sum(-1)

    def value(self, raw: RawOutput) -> float:
        """The number in a forward pass's outputs."""
        return float(self.of(raw.outputs)[self.item])
