"""How the reach of an operation's outputs follows from that of its inputs, for torch's ATen operations.

A network is a few hundred calls of some thirty kinds of operation. Each kind here tells which input cells an output
cell is computed from. An operation without a rule is taken to need everything, and its name is remembered as a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from cvdemo.inspect.reach import LOCAL, NOTHING, PLANES, WHOLE, Axes, Reach, compact, over, union_axes
from cvdemo.inspect.reach_call import Call, hull
from cvdemo.inspect.reach_spatial import adaptive_pool, convolution, pad, pool, resize

#: Made like another tensor, but not of its values.
_CONSTANTS = ("zeros_like", "ones_like", "full_like", "empty_like")


def pointwise(call: Call) -> Reach:
    """Cell by cell, with broadcasting. A gate (1 x 1 against a map) counts in the first planes only."""
    operands, ndim = call.tensors(), call.out.ndim
    grid = [(t, r) for t, r in operands if t.ndim == ndim and t.shape[-2:] == call.out.shape[-2:]]
    local = grid if grid and ndim == 4 and tuple(call.out.shape[-2:]) != (1, 1) else operands
    planes = []
    for index in range(PLANES):
        plane, *others = [reach.planes[index] for _, reach in (local if index >= LOCAL else operands)]
        for other in others:
            plane = torch.maximum(plane, other)
        planes.append(plane)
    return Reach(tuple(planes), union_axes([reach.axes for _, reach in local]))


def first(call: Call) -> Reach:
    """As the first argument: copies, and batch-norm in eval mode."""
    return call.source


def reduction(call: Call) -> Any:
    """Mean, sum, maximum, top-k ... over one or more dimensions; every result sees all that was reduced."""
    tensor = call.args[0]
    outs = call.out if isinstance(call.out, (tuple, list)) else [call.out]
    dims = call.arg(1, list(range(tensor.ndim)))
    if "topk" in call.func.__name__:
        dims = call.arg(2, -1)
    dims = [int(dim) % tensor.ndim for dim in ([dims] if isinstance(dims, int) else dims)]
    gone = outs[0].ndim < tensor.ndim
    axes = call.source.axes
    if axes is not None and tensor.ndim == 4 and {2, 3} & set(dims):
        axes = (WHOLE, WHOLE) if {2, 3} <= set(dims) and not gone else None

    def change(plane: Tensor) -> Tensor:
        reduced = over(_full_rank(plane, tensor.ndim), dims)
        return reduced.squeeze(tuple(dims)) if gone else reduced

    return [call.source.each(change, axes if not gone else None)] * len(outs)


def _full_rank(plane: Tensor, ndim: int) -> Tensor:
    return plane[(None,) * (ndim - plane.ndim)]


def normalised(call: Call) -> Any:
    """Softmax and layer norm: every cell sees all along the normalised dimensions."""
    tensor, which = call.args[0], call.args[1]
    dims = [which % tensor.ndim] if isinstance(which, int) else list(range(tensor.ndim - len(which), tensor.ndim))
    made = call.source.each(lambda plane: over(_full_rank(plane, tensor.ndim), dims), call.source.axes)
    return [made] * (len(call.out) if isinstance(call.out, tuple) else 1)


def matmul(call: Call) -> Reach:
    """(..., m, k) x (..., k, n), with an optional summand before them."""
    *summand, left, right = [arg for arg in call.args if isinstance(arg, Tensor)]
    parts = [reach.planes for value in summand if (reach := call.of(value)) is not None]
    for value, dim in ((left, -1), (right, -2)):
        if (reach := call.of(value)) is not None:
            parts.append(tuple(over(_full_rank(plane, value.ndim), [dim]) for plane in reach.planes))
    planes = []
    for plane, *others in zip(*parts, strict=True):
        for other in others:
            plane = torch.maximum(plane, other)
        planes.append(plane)
    return Reach(tuple(planes), None)


def structural(call: Call) -> Any:
    """Cells that only change their place (views, slices, concatenation, gathering): their boxes move alike."""
    results = []
    # Planes are spread out without a copy, in which not every view can be taken.
    move = torch.ops.aten.reshape.default if call.func.__name__.split(".")[0] in ("view", "_unsafe_view") else call.func
    for index in range(PLANES):
        moved = move(*_planes_for(call, index))
        results.append([compact(plane) for plane in (moved if isinstance(moved, (tuple, list)) else [moved])])
    outs = call.out if isinstance(call.out, (tuple, list)) else [call.out]
    axes = [_kept_axes(call, out) for out in outs]
    return [Reach(planes, axis) for planes, axis in zip(zip(*results, strict=True), axes, strict=True)]


def concatenation(call: Call) -> Reach:
    """Tensors one after the other along a dimension; elsewhere their planes stay as small as they are."""
    parts, dim = call.args[0], call.arg(1, 0) % call.out.ndim
    parts = [part for part in parts if part.ndim == call.out.ndim]
    planes = []
    for index in range(PLANES):
        made = [_full_rank(_plane(call, part, index), part.ndim) for part in parts]
        sizes = [max(each.shape[d] for each in made) for d in range(call.out.ndim)]
        sized = [[*sizes[:dim], part.shape[dim], *sizes[dim + 1 :]] for part in parts]
        planes.append(compact(torch.cat([each.expand(size) for each, size in zip(made, sized, strict=True)], dim)))
    return Reach(tuple(planes), _kept_axes(call, call.out))


def _plane(call: Call, tensor: Tensor, index: int) -> Tensor:
    reach = call.of(tensor)
    return torch.tensor(NOTHING) if reach is None else reach.planes[index]


def _planes_for(call: Call, index: int) -> list[Any]:
    """The call's arguments with the tensors that carry data exchanged for one of their planes."""

    def swap(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [swap(each) for each in value]
        if not isinstance(value, Tensor) or not value.is_floating_point():
            return value.cpu() if isinstance(value, Tensor) else value
        return _plane(call, value, index).expand(value.shape)

    arguments = [swap(value) for value in call.args]
    if "pad" in call.func.__name__:
        arguments[2:] = [NOTHING]
    return arguments


def _kept_axes(call: Call, out: Tensor) -> Axes | None:
    """Height and width survive when the last two dimensions keep their lengths, or are cut by a slice."""
    inputs = call.tensors()
    axes = union_axes([reach.axes for _, reach in inputs])
    if axes is None or out.ndim < 3:
        return None
    name, tensor = call.func.__name__.split(".")[0], inputs[0][0]
    if name == "slice" and call.arg(1, 0) % tensor.ndim >= tensor.ndim - 2:
        dim, start, step = call.arg(1, 0) % tensor.ndim, call.arg(2, 0), call.arg(4, 1)
        start = max(start + tensor.shape[dim], 0) if start < 0 else start
        moved = list(axes)
        moved[dim - tensor.ndim] = moved[dim - tensor.ndim].shifted(start, step)
        return moved[0], moved[1]
    if out.shape[-2:] != tensor.shape[-2:] or _moves_axes(call, name, tensor.ndim):
        return None
    return axes


def _moves_axes(call: Call, name: str, ndim: int) -> bool:
    """Whether height or width is among the dimensions that change places."""
    if name == "transpose":
        return bool({call.args[1] % ndim, call.args[2] % ndim} & {ndim - 1, ndim - 2})
    if name == "permute":
        return [dim % ndim for dim in call.args[1][-2:]] != [ndim - 2, ndim - 1]
    return name == "t"


def padding(call: Call) -> Any:
    """Of height and width; of other dimensions it only moves cells."""
    return pad(call) if len(call.args[1]) <= 4 and call.args[0].ndim == 4 else structural(call)


_BY_RULE: dict[Callable[[Call], Any], str] = {
    pointwise: "hardswish hardswish_ prelu where masked_fill masked_fill_ lift_fresh floor_divide",
    first: "native_batch_norm _native_batch_norm_legit_no_training cudnn_batch_norm miopen_batch_norm native_dropout "
    "_to_copy contiguous alias detach view_as_real clone",
    convolution: "convolution _convolution mkldnn_convolution cudnn_convolution",
    pool: "max_pool2d_with_indices max_pool2d avg_pool2d mkldnn_max_pool2d avg_pool3d",
    adaptive_pool: "_adaptive_avg_pool2d mkldnn_adaptive_avg_pool2d adaptive_max_pool2d adaptive_avg_pool2d",
    resize: "upsample_nearest2d _upsample_nearest_exact2d upsample_bilinear2d upsample_bicubic2d "
    "_upsample_bilinear2d_aa _upsample_bicubic2d_aa",
    padding: "constant_pad_nd replication_pad2d reflection_pad2d",
    reduction: "mean sum amax amin max min argmax argmin topk var std var_mean prod linalg_vector_norm norm",
    normalised: "_softmax _log_softmax native_layer_norm cumsum",
    matmul: "mm addmm bmm baddbmm addmv mv",
    concatenation: "cat",
    structural: "view _unsafe_view reshape permute transpose t slice select squeeze unsqueeze expand stack split "
    "split_with_sizes chunk unbind flip roll repeat gather index index_select unfold pixel_shuffle pixel_unshuffle "
    "channel_shuffle flatten _reshape_alias repeat_interleave",
}
RULES = {name: rule for rule, names in _BY_RULE.items() for name in names.split()}


def reach_after(call: Call) -> tuple[list[Reach | None], bool]:
    """Reach of every output of an operation, and whether a rule was known for it."""
    outs = call.out if isinstance(call.out, (tuple, list)) else [call.out]
    if not call.tensors() or call.func.__name__.split(".")[0].endswith(
        ("zeros_like", "ones_like", "full_like", "empty_like")
    ):
        return [None] * len(outs), True
    rule = RULES.get(call.func.__name__.split(".")[0])
    if rule is None and torch.Tag.pointwise in call.func.tags:
        rule = pointwise
    made = (rule or hull)(call)
    return (list(made) if isinstance(made, list) else [made] * len(outs)), rule is not None
