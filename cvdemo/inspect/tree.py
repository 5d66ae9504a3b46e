"""Builds the layer tree by watching one forward pass of the real module on a real input."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.inspect.fields import receptive_field, stride_of
from cvdemo.inspect.hooks import call_name, first_tensor
from cvdemo.inspect.layers import Kind, Layer, LayerTree
from cvdemo.registry import ModelSpec
from cvdemo.types import Image

if TYPE_CHECKING:
    from torch import Tensor, nn

    from cvdemo.inspect.dataflow import Dataflow
    from cvdemo.inspect.reach import Reach

_TREES_KEPT = 32
#: Pictures of which is known which tree is theirs.
_PICTURES_KEPT = 512


@dataclass(slots=True)
class _Run:
    """One call of a module, as it was seen."""

    name: str
    order: int
    macs: int = 0
    shape: tuple[int, ...] | None = None
    outputs: int = 0
    reach: Reach | None = None
    same_as: str | None = None
    storage: int = 0
    writes: int = 0


@dataclass(slots=True)
class _Watch:
    """All calls of one forward pass, by module name, and those that are running now."""

    runs: dict[str, list[_Run]] = field(default_factory=dict)
    open: list[_Run] = field(default_factory=list)
    last: tuple[_Run, Tensor] | None = None
    count: int = 0

    def cost(self, macs: int) -> None:
        for run in self.open:
            run.macs += macs

    def enter(self, name: str) -> None:
        calls = self.runs.setdefault(name, [])
        calls.append(_Run(call_name(name, len(calls) + 1), self.count))
        self.open.append(calls[-1])
        self.count += 1

    def leave(self, output: Any, flow: Dataflow) -> None:
        from cvdemo.inspect.dataflow import storage_id

        run = self.open.pop()
        tensor = first_tensor(output)
        if tensor is None:
            return
        run.shape = tuple(tensor.shape[1:])
        run.outputs = len(output) if isinstance(output, (tuple, list, dict)) else 1
        run.storage = storage_id(tensor)
        run.writes = flow.writes(run.storage)
        if self.last is not None and self.last[1] is tensor and self.last[0].writes == run.writes:
            run.same_as = self.last[0].same_as or self.last[0].name
        self.last = (run, tensor)
        found = flow.reach(tensor)
        if found is not None and tensor.ndim == 4:
            run.reach = found


def layer_tree(module: nn.Module, inputs: Tensor) -> LayerTree:
    """The tree of the module for an input of that size.

    inputs: (1, C, H, W) float32 on the module's device. The module is left as it was found. Parts that the forward pass
    does not reach, such as auxiliary classifiers, are left out.
    """
    import torch

    from cvdemo.inspect.dataflow import Dataflow

    watch, thread, handles = _Watch(), threading.get_ident(), []
    flow = Dataflow(inputs, watch.cost)

    def before(name: str) -> Callable[[nn.Module, Any], None]:
        return lambda _module, _args: watch.enter(name) if threading.get_ident() == thread else None

    def after(_module: nn.Module, _args: Any, output: Any) -> None:
        if threading.get_ident() == thread:
            watch.leave(output, flow)

    try:
        for name, child in module.named_modules():
            handles += [child.register_forward_pre_hook(before(name)), child.register_forward_hook(after)]
        with torch.inference_mode(), flow:
            module(inputs)
    finally:
        for handle in handles:
            handle.remove()
    height, width = inputs.shape[-2:]
    build = _Build(watch, flow, (int(height), int(width)))
    (root, *_) = build.nodes(module, "", 0)
    return LayerTree(root=_outermost_stages(root), input_hw=build.input_hw, guesses=frozenset(flow.guesses))


class _Build:
    """Makes nodes of what was seen."""

    def __init__(self, watch: _Watch, flow: Dataflow, input_hw: tuple[int, int]) -> None:
        self._runs, self._flow, self.input_hw = watch.runs, flow, input_hw
        self._order = {run.name: run.order for calls in watch.runs.values() for run in calls}

    def nodes(self, module: nn.Module, name: str, depth: int) -> list[Layer]:
        """One for each call of a module, the first with the children; none if the pass did not reach it."""
        made: list[Layer] = []
        for child_name, child in module.named_children():
            made += self.nodes(child, f"{name}.{child_name}" if name else child_name, depth + 1)
        children = tuple(sorted(made, key=lambda node: _first_run(node, self._order)))
        runs = self._runs.get(name, [])
        if children and not runs:
            runs = [_Run(name, 0, macs=sum(child.macs for child in children))]
        return [self._layer(module, run, depth, children if number == 0 else ()) for number, run in enumerate(runs)]

    def _layer(self, module: nn.Module, run: _Run, depth: int, children: tuple[Layer, ...]) -> Layer:
        seen, stride = None, None
        if run.reach is not None and run.shape is not None:
            seen = receptive_field(run.reach, run.shape[-2:], self.input_hw)
            stride = stride_of(run.reach, run.shape[-2:], self.input_hw, seen)
        return Layer(
            name=run.name,
            module=type(module).__name__,
            detail=module.extra_repr().replace("\n", " ").strip(),
            kind=_kind(depth, children),
            depth=depth,
            output_shape=run.shape,
            outputs=run.outputs,
            stride=stride,
            params=sum(parameter.numel() for parameter in module.parameters()),
            macs=run.macs,
            field=seen,
            children=children,
            same_as=run.same_as,
            overwritten=self._flow.writes(run.storage) > run.writes,
        )


def _first_run(node: Layer, order: dict[str, int]) -> int:
    """When a node first ran; a container that never runs itself stands where its first child does."""
    return min([order[each.name] for each in node.walk() if each.name in order], default=0)


def _kind(depth: int, children: tuple[Layer, ...]) -> Kind:
    """What to call a node, from the resolutions inside it and from what it is made of."""
    if depth == 0:
        return "network"
    if not children:
        return "layer"
    inside = [node for child in children for node in child.walk()]
    strides = {node.stride for node in inside if _has_resolution(node)}
    if len(strides) > 2:
        return "part"
    return "stage" if any(child.children and _weighted(child) > 1 for child in children) else "block"


def _has_resolution(node: Layer) -> bool:
    return node.is_map and node.stride is not None and not node.children


def _weighted(node: Layer) -> int:
    """How many layers with weights of more than one dimension are in a node."""
    return sum(each.macs > 0 and not each.children for each in node.walk())


def _outermost_stages(node: Layer, inside: bool = False) -> Layer:
    """The same tree, in which what lies in a stage is called block or layer, however deep it is built."""
    kind: Kind = "block" if inside and node.kind == "stage" else node.kind
    inside = inside or kind in ("stage", "block")
    return replace(node, kind=kind, children=tuple(_outermost_stages(child, inside) for child in node.children))


_Kept = OrderedDict[tuple[object, ...], LayerTree]
_trees: _Kept = OrderedDict()
_by_picture: _Kept = OrderedDict()
_guard = threading.Lock()


def tree_of(spec: ModelSpec, image: Image) -> LayerTree:
    """The tree of a registered model for the input that this picture makes; remembered by input size.

    Raises WeightsError, DeviceError.
    """
    picture = (spec.name, spec.weights, image.sha256, image.size_hw)
    with _guard:
        tree = _by_picture.get(picture)
    if tree is None:
        inputs = engine().prepare(spec, image).inputs
        tree = _tree_for(spec, inputs[:1] if len(inputs) else np.zeros((1, *inputs.shape[1:]), np.float32))
        with _guard:
            _remember(_by_picture, picture, tree, _PICTURES_KEPT)
    return tree


def _tree_for(spec: ModelSpec, example: NDArray[np.float32]) -> LayerTree:
    import torch

    key = (spec.name, spec.weights, example.shape)
    with _guard:
        tree = _trees.get(key)
    if tree is None:
        tree = layer_tree(engine().module(spec), torch.tensor(example, device=engine().device))
        with _guard:
            _remember(_trees, key, tree, _TREES_KEPT)
    return tree


def _remember(
    kept: OrderedDict[tuple[object, ...], LayerTree], key: tuple[object, ...], tree: LayerTree, most: int
) -> None:
    kept[key] = tree
    while len(kept) > most:
        kept.popitem(last=False)
