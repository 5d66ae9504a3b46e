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
from cvdemo.inspect.hooks import call_name, first_tensor
from cvdemo.inspect.layers import Kind, Layer, LayerTree, ReceptiveField, unclipped_size
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
        if found is not None and found.axes is not None and tensor.ndim == 4:
            run.reach = found


def receptive_field(reach: Reach, size_hw: tuple[int, ...]) -> ReceptiveField:
    """The fields of a map's cells, row by row and column by column. size_hw: of the map."""
    from cvdemo.inspect.reach import LOCAL

    def bounds(first: int, dim: int) -> NDArray[np.int32]:
        edges = []
        for plane in (reach.planes[first + dim], reach.planes[first + dim + 2]):
            others = [d for d in range(plane.ndim) if d != plane.ndim - 2 + dim]
            edges.append(plane.amax(dim=others).expand(size_hw[dim]).double().numpy())
        start, end = -edges[0], edges[1]
        nothing = np.isinf(start) | np.isinf(end)
        return np.stack([np.where(nothing, 0, start), np.where(nothing, 0, end)], axis=1).astype(np.int32)

    assert reach.axes is not None
    rows, columns = reach.axes
    return ReceptiveField(
        rows=bounds(LOCAL, 0),
        columns=bounds(LOCAL, 1),
        rows_all=bounds(0, 0),
        columns_all=bounds(0, 1),
        size_hw=(unclipped_size(rows.low, rows.high), unclipped_size(columns.low, columns.high)),
        start_hw=(rows.low, columns.low),
    )


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
    root = _node(module, "", 0, watch, flow)
    assert root is not None
    height, width = inputs.shape[-2:]
    return LayerTree(
        root=_outermost_stages(root[0]), input_hw=(int(height), int(width)), guesses=frozenset(flow.guesses)
    )


def _node(module: nn.Module, name: str, depth: int, watch: _Watch, flow: Dataflow) -> list[Layer] | None:
    """The nodes of a module, one for each call, the first with the children; None if the pass did not reach it."""
    made = []
    for child_name, child in module.named_children():
        nodes = _node(child, f"{name}.{child_name}" if name else child_name, depth + 1, watch, flow)
        made.extend(nodes or [])
    runs = watch.runs.get(name, [])
    if not runs and not made:
        return None
    order = {run.name: run.order for calls in watch.runs.values() for run in calls}
    children = tuple(sorted(made, key=lambda node: _first_run(node, order)))
    runs = runs or [_Run(name, 0, macs=sum(child.macs for child in children))]
    return [
        Layer(
            name=run.name,
            module=type(module).__name__,
            detail=module.extra_repr().replace("\n", " ").strip(),
            kind=_kind(depth, children, run),
            depth=depth,
            output_shape=run.shape,
            outputs=run.outputs,
            stride=_stride(run),
            params=sum(parameter.numel() for parameter in module.parameters()),
            macs=run.macs,
            field=receptive_field(run.reach, run.shape[-2:]) if run.reach and run.shape else None,
            children=children if index == 0 else (),
            same_as=run.same_as,
            overwritten=flow.writes(run.storage) > run.writes,
        )
        for index, run in enumerate(runs)
    ]


def _stride(run: _Run) -> tuple[float, float] | None:
    if run.reach is None or run.reach.axes is None:
        return None
    rows, columns = run.reach.axes
    return (rows.jump, columns.jump) if rows.jump and columns.jump else None


def _first_run(node: Layer, order: dict[str, int]) -> int:
    """When a node first ran; a container that never runs itself stands where its first child does."""
    return min([order[each.name] for each in node.walk() if each.name in order], default=0)


def _kind(depth: int, children: tuple[Layer, ...], run: _Run) -> Kind:
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
