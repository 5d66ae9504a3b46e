"""What a live training remembers, in bounded memory: the longer it runs, the coarser the steps."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from torch import nn

_MOST_POINTS = 400
_MOST_FRAMES = 60


class Curve:
    """Points (epochs done, loss, accuracy); every second one is dropped whenever there are too many."""

    def __init__(self, most: int = _MOST_POINTS) -> None:
        self.points: list[tuple[float, float, float]] = []
        self._most, self._every, self._count = most, 1, 0

    def add(self, done: float, loss: float, accuracy: float) -> None:
        """Remember a point, unless the steps have become coarser than that."""
        if self._count % self._every == 0:
            self.points.append((done, loss, accuracy))
        self._count += 1
        if len(self.points) >= self._most:
            self.points = self.points[::2]
            self._every *= 2


class FilterFilm:
    """The first layer's kernels as they change: at most most frames over the run, and the latest one.

    frames: (epochs done, (n, k, k) float16). One thread adds, others may read.
    """

    def __init__(self, most: int = _MOST_FRAMES, every_s: float = 0.5) -> None:
        self._frames: list[tuple[float, NDArray[np.float16]]] = []
        self._most, self._pause = most, every_s
        self._next = 0.0

    @property
    def frames(self) -> list[tuple[float, NDArray[np.float16]]]:
        """A copy of the list, oldest first."""
        return list(self._frames)

    def take(self, done: float, network: nn.Module) -> None:
        """Keep a frame of the network's first convolution if the last one is old enough."""
        if time.monotonic() >= self._next:
            self.add(done, first_filters(network))

    def add(self, done: float, filters: NDArray[np.float32]) -> None:
        """Keep a frame; beyond the limit every second one goes and the pace halves."""
        frames = [*self._frames, (done, filters.astype(np.float16))]
        if len(frames) > self._most:
            frames = [*frames[:-1:2], frames[-1]]
            self._pause *= 2
        self._frames = frames
        self._next = time.monotonic() + self._pause


def first_filters(network: nn.Module) -> NDArray[np.float32]:
    """(n, k, k) float32, a copy: the kernels of the first convolution, averaged over its inputs."""
    first = next(module for module in network.modules() if isinstance(module, nn.Conv2d))
    return first.weight.detach().mean(dim=1).float().cpu().numpy().copy()
