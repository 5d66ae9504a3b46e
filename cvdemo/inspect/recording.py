"""One forward pass that keeps what its layers said, at little more than the cost of the pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Event
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import UsageError
from cvdemo.inspect.hooks import watching
from cvdemo.inspect.layers import Layer, LayerTree
from cvdemo.inspect.progress import stop_if_set

if TYPE_CHECKING:
    from torch import Tensor, nn

Precision = Literal["float32", "float16"]
BYTES: dict[Precision, int] = {"float32": 4, "float16": 2}
_LINE = 64


def capture_layers(
    module: nn.Module,
    inputs: Tensor,
    layers: Mapping[str, Precision],
    cancel: Event | None = None,
    shelves: Mapping[str, NDArray[np.float16]] | None = None,
) -> dict[str, NDArray[np.generic]]:
    """Outputs of chosen layers in one forward pass: name -> (C, h, w) of the first batch item, in that precision.

    inputs: (N, C, H, W) on the module's device. layers: float16 turns values beyond 65504 into inf. shelves: memory to
    write some of the float16 maps into. Memory that was written before saves most of the cost of keeping them: fresh
    pages come from the system one by one, and an output that is not freed leaves the next layer to ask for some, too.
    The module's own output stays as it is, bit for bit. Raises UsageError for an unknown layer or one that did not run,
    CancelledError.
    """
    import torch

    kept: dict[str, NDArray[np.generic]] = {}
    shelves = shelves or {}

    def keep(layer: str, output: Tensor) -> None:
        stop_if_set(cancel)
        values = output.detach()[0]
        if layer in shelves:
            place = torch.from_numpy(shelves[layer])
        else:
            place = torch.empty(values.shape, dtype=getattr(torch, layers[layer]))
        kept[layer] = place.copy_(values).numpy()

    with torch.no_grad(), watching(module, layers, keep):
        module(inputs)
    if missing := layers.keys() - kept.keys():
        raise UsageError(f"Layer '{min(missing)}' has no output for this picture; choose another one.")
    return kept


def plan(tree: LayerTree, budget: int) -> dict[str, Precision]:
    """Which layers one pass keeps: all feature maps in half precision. If they do not fit into budget bytes, the
    largest are left for later, with space for one of them at a time.

    Layers that return another's tensor are not kept twice.
    """
    maps = sorted((node for node in tree.maps if node.same_as is None), key=elements)
    total = sum(map(_bytes_on_shelf, maps))
    if total > budget:
        budget -= _bytes_on_shelf(maps[-1])
    while maps and total > budget:
        total -= _bytes_on_shelf(maps.pop())
    return {node.name: "float16" for node in maps}


def shelf_room(tree: LayerTree, layers: Iterable[str]) -> int:
    """How many float16 numbers those layers need."""
    return sum(_bytes_on_shelf(tree.find(name)) // 2 for name in layers)


def shelves_in(room: NDArray[np.float16], tree: LayerTree, layers: Iterable[str]) -> dict[str, NDArray[np.float16]]:
    """Views of the room (n,), one (C, h, w) for each layer, one behind the other."""
    found, place = {}, 0
    for node in map(tree.find, layers):
        found[node.name] = room[place : place + elements(node)].reshape(node.output_shape)
        place += _bytes_on_shelf(node) // 2
    return found


def elements(node: Layer) -> int:
    """How many numbers a layer puts out."""
    return int(np.prod(node.output_shape or (0,)))


def _bytes_on_shelf(node: Layer) -> int:
    """Half precision, rounded up to whole cache lines."""
    return -(-2 * elements(node) // _LINE) * _LINE
