"""Feature maps of the pictures that are being looked at: one forward pass each, within a memory budget."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.hooks import watching
from cvdemo.inspect.layers import Layer, LayerTree
from cvdemo.inspect.progress import stop_if_set
from cvdemo.inspect.tree import tree_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Image

if TYPE_CHECKING:
    from torch import Tensor, nn

Precision = Literal["float32", "float16"]
BUDGET_MB = 256
_BYTES: dict[Precision, int] = {"float32": 4, "float16": 2}


@dataclass(frozen=True, slots=True)
class Keep:
    """How to keep a layer's output. copy: whether a later layer may write into its memory."""

    precision: Precision = "float32"
    copy: bool = True


def capture_layers(
    module: nn.Module, inputs: Tensor, layers: Mapping[str, Keep], cancel: Event | None = None
) -> dict[str, NDArray[np.generic]]:
    """Outputs of chosen layers in one forward pass: name -> float32 or float16, (C, h, w) of the first batch item.

    inputs: (N, C, H, W) on the module's device. layers: which, and how to keep each; float16 turns values beyond
    65504 into inf. The module's own output stays as it is, bit for bit. Raises UsageError for an unknown layer or one
    that did not run, CancelledError.
    """
    import torch

    kept: dict[str, NDArray[np.generic]] = {}

    def keep(layer: str, output: Tensor) -> None:
        stop_if_set(cancel)
        values, how = output.detach()[0], layers[layer]
        values = values.to("cpu", torch.float16 if how.precision == "float16" else torch.float32)
        # Without a copy the map costs no time; it is simply not freed.
        kept[layer] = (values.clone() if how.copy and values.data_ptr() == output.data_ptr() else values).numpy()

    with torch.no_grad(), watching(module, layers, keep):
        module(inputs)
    if missing := layers.keys() - kept.keys():
        raise UsageError(f"Layer '{min(missing)}' has no output for this picture; choose another one.")
    return kept


def plan(tree: LayerTree, budget: int) -> dict[str, Keep]:
    """Which layers one pass keeps, and how: all feature maps if they fit into budget bytes.

    Otherwise the largest are kept in half precision, and if that is not enough, the largest are left for later.
    Layers that return another's tensor are not kept twice.
    """
    maps = sorted((node for node in tree.maps if node.same_as is None), key=_elements)
    keep = {node.name: Keep("float32", node.overwritten) for node in maps}
    total = 4 * sum(map(_elements, maps))
    for node in reversed(maps):
        if total > budget:
            keep[node.name] = Keep("float16", node.overwritten)
            total -= 2 * _elements(node)
    while maps and total > budget:
        largest = maps.pop()
        total -= _BYTES[keep.pop(largest.name).precision] * _elements(largest)
    return keep


def _elements(node: Layer) -> int:
    return int(np.prod(node.output_shape or (0,)))


class ActivationStore:
    """Feature maps by picture and model; what was used longest ago goes first. Safe to use from several threads.

    budget_mb: most memory for maps, in MB; one store a user. side_by_side: how many pictures or models are to be kept
    whole at a time; to compare two without a new pass at every step, say 2. passes: forward passes needed so far.
    """

    def __init__(self, budget_mb: int = BUDGET_MB, side_by_side: int = 1) -> None:
        self.budget_mb = budget_mb
        self.side_by_side = side_by_side
        self.passes = 0
        self._kept: OrderedDict[tuple[object, ...], dict[str, NDArray[np.generic]]] = OrderedDict()
        self._lock = threading.Lock()

    def maps(
        self, spec: ModelSpec, image: Image, layer: str, item: int = 0, cancel: Event | None = None
    ) -> NDArray[np.float32]:
        """(C, h, w) float32, read-only: what a layer answers to the picture.

        item: which of the network's inputs, for networks that look at each person apart. The first question about a
        picture costs a forward pass, which keeps all layers that the budget allows; a layer too large for that costs
        one of its own. Raises UsageError for a layer without feature maps or beyond the budget, WeightsError,
        CancelledError.
        """
        tree = tree_of(spec, image)
        node = tree.find(layer)
        if not node.is_map:
            raise UsageError(f"Layer '{layer}' has no feature maps; choose another one from the layer tree.")
        name = node.same_as or layer
        key = (image.sha256, image.size_hw, spec.name, item)
        values = self._look_up(key, name)
        if values is None:
            values = self._fetch(spec, image, item, key, tree, name, cancel)
        if values.dtype == np.float16 and not np.isfinite(values).all():
            self._drop(key, name)
            values = self._fetch(spec, image, item, key, tree, name, cancel, half=False)
        result = values.astype(np.float32, copy=False)
        result.setflags(write=False)
        return result

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        with self._lock:
            return sum(array.nbytes for arrays in self._kept.values() for array in arrays.values())

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()

    def _look_up(self, key: tuple[object, ...], name: str) -> NDArray[np.generic] | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key].get(name)

    def _fetch(
        self,
        spec: ModelSpec,
        image: Image,
        item: int,
        key: tuple[object, ...],
        tree: LayerTree,
        name: str,
        cancel: Event | None,
        half: bool = True,
    ) -> NDArray[np.generic]:
        budget = self.budget_mb * 2**20
        with self._lock:
            first = key not in self._kept
        layers = plan(tree, budget // self.side_by_side) if first else {}
        if name not in layers:
            layers[name] = self._fitting(tree.find(name), budget, half)
        inputs = network_input(spec, image, item)
        captured = capture_layers(engine().module(spec), inputs, layers, cancel)
        with self._lock:
            self.passes += 1
            self._kept.setdefault(key, {}).update(captured)
            self._kept.move_to_end(key)
            self._shrink(budget, key, name)
        return captured[name]

    def _drop(self, key: tuple[object, ...], name: str) -> None:
        with self._lock:
            self._kept.get(key, {}).pop(name, None)

    def _fitting(self, node: Layer, budget: int, half: bool) -> Keep:
        precisions: tuple[Precision, ...] = ("float32", "float16") if half else ("float32",)
        for precision in precisions:
            if _BYTES[precision] * _elements(node) <= budget:
                return Keep(precision, node.overwritten)
        need = _BYTES[precisions[-1]] * _elements(node) / 2**20
        raise UsageError(
            f"Layer '{node.name}' needs {need:.0f} MB, more than the {self.budget_mb} MB set aside for feature maps; "
            "choose a smaller picture or another layer."
        )

    def _shrink(self, budget: int, key: tuple[object, ...], name: str) -> None:
        """Forget other pictures, then this one's largest other layers, until the budget holds."""
        total = sum(array.nbytes for arrays in self._kept.values() for array in arrays.values())
        while total > budget and len(self._kept) > 1:
            total -= sum(array.nbytes for array in self._kept.popitem(last=False)[1].values())
        mine = self._kept[key]
        for other in sorted(mine.keys() - {name}, key=lambda each: -mine[each].nbytes):
            if total > budget:
                total -= mine.pop(other).nbytes


def network_input(spec: ModelSpec, image: Image, item: int = 0) -> Tensor:
    """(1, C, H, W) float32 on the engine's device: one of the inputs that a network is fed for a picture.

    Raises UsageError where there is none, as when nobody is in the picture.
    """
    import torch

    inputs = engine().prepare(spec, image).inputs
    if not 0 <= item < len(inputs):
        raise UsageError("The network is shown nothing of this picture; choose one with a person in it.")
    return torch.tensor(inputs[item : item + 1], device=engine().device)
