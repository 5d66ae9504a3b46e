"""Feature maps of the pictures that are being looked at: one forward pass each, within a memory budget."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.layers import Layer, LayerTree
from cvdemo.inspect.recording import BYTES, Precision, capture_layers, elements, plan, shelf_room, shelves_in
from cvdemo.inspect.tree import tree_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Image

if TYPE_CHECKING:
    from torch import Tensor, nn

_Key = tuple[object, ...]
BUDGET_MB = 256


@dataclass(slots=True, eq=False)
class _Seen:
    """What is kept of a picture. room: the memory that one pass wrote most layers into. single: layers that were
    fetched on their own."""

    room: NDArray[np.float16] | None = None
    layers: dict[str, NDArray[np.float16]] = field(default_factory=dict)
    single: dict[str, NDArray[np.generic]] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        return (self.room.nbytes if self.room is not None else 0) + sum(each.nbytes for each in self.single.values())


class ActivationStore:
    """Feature maps by picture and model; what was used longest ago goes first, and its memory is used for the next.
    Safe to use from several threads.

    budget_mb: most memory for maps, in MB; one store a user. side_by_side: how many pictures or models are to be kept
    whole at a time; to compare two without a new pass at every step, say 2. passes: forward passes needed so far.
    """

    def __init__(self, budget_mb: int = BUDGET_MB, side_by_side: int = 1) -> None:
        self.budget_mb = budget_mb
        self.side_by_side = side_by_side
        self.passes = 0
        self._seen: OrderedDict[_Key, _Seen] = OrderedDict()
        self._lock = threading.Lock()

    def maps(
        self,
        spec: ModelSpec,
        image: Image,
        layer: str,
        item: int = 0,
        cancel: Event | None = None,
        exact: bool = False,
    ) -> NDArray[np.float32]:
        """(C, h, w) float32, read-only: what a layer answers to the picture.

        item: which of the network's inputs, for networks that look at each person apart. The first question about a
        picture costs a forward pass, which keeps all layers that the budget allows, in half precision (three to four
        digits); a layer too large for that costs one of its own. exact: in single precision, which costs a pass each
        time. Raises UsageError for a layer without feature maps or beyond the budget, WeightsError, CancelledError.
        """
        tree = tree_of(spec, image)
        node = tree.find(layer)
        if not node.is_map:
            raise UsageError(f"Layer '{layer}' has no feature maps; choose another one from the layer tree.")
        name = node.same_as or layer
        key = (image.sha256, image.size_hw, spec.name, item)
        result = None if exact else self._look_up(key, name)
        if result is None:
            network, inputs = engine().module(spec), network_input(spec, image, item)
            if not exact:
                self._fetch(network, inputs, key, tree, name, cancel)
                result = self._look_up(key, name)
            if result is None or not np.isfinite(result).all():
                result = self._exact(network, inputs, key, tree.find(name), cancel, keep=not exact)
        result.setflags(write=False)
        return result

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        with self._lock:
            return sum(seen.nbytes for seen in self._seen.values())

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._seen.clear()

    def _look_up(self, key: _Key, name: str) -> NDArray[np.float32] | None:
        """A copy: the memory may be used for another picture the next moment."""
        with self._lock:
            seen = self._seen.get(key)
            if seen is None:
                return None
            self._seen.move_to_end(key)
            values = seen.single.get(name, seen.layers.get(name))
            return None if values is None else values.astype(np.float32, copy=False)

    def _fetch(
        self, network: nn.Module, inputs: Tensor, key: _Key, tree: LayerTree, name: str, cancel: Event | None
    ) -> None:
        """One pass: all layers of a new picture that there is space for, and the one that is asked for."""
        budget = self.budget_mb * 2**20
        with self._lock:
            new = key not in self._seen or self._seen[key].room is None
        layers = plan(tree, budget // self.side_by_side) if new else {}
        room = self._claim(shelf_room(tree, layers)) if layers else None
        shelves = shelves_in(room, tree, layers) if room is not None else {}
        if name not in layers:
            self._check_fits(tree.find(name), "float16")
            layers = {**layers, name: "float16"}
        captured = capture_layers(network, inputs, layers, cancel, shelves)
        with self._lock:
            self.passes += 1
            seen = self._seen.setdefault(key, _Seen())
            if room is not None:
                seen.room, seen.layers = room, shelves
            if name not in shelves:
                seen.single[name] = captured[name]
            self._seen.move_to_end(key)
            self._shrink(budget, key, name)

    def _claim(self, count: int) -> NDArray[np.float16]:
        """Memory for so many numbers, within the budget: that of a picture which has to go for it, if that will do."""
        found = None
        with self._lock:
            total = sum(seen.nbytes for seen in self._seen.values())
            while self._seen and total + 2 * count > self.budget_mb * 2**20:
                gone = self._seen.popitem(last=False)[1]
                total -= gone.nbytes
                if gone.room is not None and count <= len(gone.room) <= 2 * count:
                    found = gone.room
        return np.empty(count, np.float16) if found is None else found

    def _exact(
        self, network: nn.Module, inputs: Tensor, key: _Key, node: Layer, cancel: Event | None, keep: bool
    ) -> NDArray[np.float32]:
        """A layer in single precision, by a pass of its own."""
        self._check_fits(node, "float32")
        captured = capture_layers(network, inputs, {node.name: "float32"}, cancel)[node.name]
        values = captured.astype(np.float32, copy=False)
        with self._lock:
            self.passes += 1
            if keep:
                self._seen.setdefault(key, _Seen()).single[node.name] = values
                self._shrink(self.budget_mb * 2**20, key, node.name)
        return values

    def _check_fits(self, node: Layer, precision: Precision) -> None:
        need = BYTES[precision] * elements(node) / 2**20
        if need > self.budget_mb:
            raise UsageError(
                f"Layer '{node.name}' needs {need:.0f} MB, more than the {self.budget_mb} MB set aside for feature "
                "maps; choose a smaller picture or another layer."
            )

    def _shrink(self, budget: int, key: _Key, name: str) -> None:
        """Forget other pictures, then other layers of this one, until the budget holds."""
        total = sum(seen.nbytes for seen in self._seen.values())
        for other in [each for each in self._seen if each != key]:
            if total > budget:
                total -= self._seen.pop(other).nbytes
        mine = self._seen[key]
        for other_name in [each for each in mine.single if each != name]:
            if total > budget:
                total -= mine.single.pop(other_name).nbytes
        if total > budget and name in mine.single:
            mine.room, mine.layers = None, {}


def network_input(spec: ModelSpec, image: Image, item: int = 0) -> Tensor:
    """(1, C, H, W) float32 on the engine's device: one of the inputs that a network is fed for a picture.

    Raises UsageError where there is none, as when nobody is in the picture.
    """
    import torch

    inputs = engine().prepare(spec, image).inputs
    if not 0 <= item < len(inputs):
        raise UsageError("The network is shown nothing of this picture; choose one with a person in it.")
    return torch.tensor(inputs[item : item + 1], device=engine().device)
