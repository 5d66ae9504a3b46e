"""What a network is built of, read from its real module: blocks for a diagram, rows for a table, and costs.

The module is built on torch's meta device, where tensors have shapes but no numbers: VGG-19 takes no memory there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Literal

from cvdemo.inspect.layers import Layer
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec

if TYPE_CHECKING:
    from torch import nn

BlockKind = Literal["convolution", "inception", "separable", "residual", "dense"]
_CONTAINERS: dict[str, BlockKind] = {
    "Inception": "inception",
    "Block": "separable",
    "XceptionBlock": "separable",
    "SeparableConv2d": "separable",
    "SeparableUnit": "separable",
    "DepthwiseSeparableConv": "separable",
    "InvertedResidual": "separable",
    "ResidualBlock": "residual",
}
_WEIGHT_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A layer of the table. block: index of the block it belongs to. what: in words, "conv 3 × 3 / 2". output_shape:
    (C, h, w) or (C,). field_hw: side lengths of its receptive field in input pixels, inf for the whole picture, None
    where the output is no map."""

    block: int
    name: str
    what: str
    output_shape: tuple[int, ...]
    params: int
    macs: int
    field_hw: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of the diagram: layers at one resolution. label: short name. what: what is in it, in words. shape: of its
    output before pooling, (C, h, w) or (C,). then: the pooling that ends it, "" for none. field_box: (x0, y0, x1, y1)
    in pixels of the input, what its middle cell sees; None for dense layers, which see everything."""

    label: str
    kind: BlockKind
    what: str
    shape: tuple[int, ...]
    then: str
    params: int
    macs: int
    field_box: tuple[int, int, int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """params, macs: of the whole network for one picture. weight_bytes: as float32. map_bytes: the most that the input
    and feature maps of one picture take at one moment."""

    input_hw: tuple[int, int]
    blocks: tuple[Block, ...]
    rows: tuple[Row, ...]
    params: int
    macs: int
    weight_bytes: int
    map_bytes: int


@lru_cache(maxsize=32)
def anatomy(spec: ModelSpec) -> Anatomy:
    """The anatomy of a registered network; needs no weights."""
    import torch

    from cvdemo.architectures.memory import peak_bytes
    from cvdemo.inspect.tree import layer_tree

    channels = 1 if spec.labels == "fashion" else 3
    with torch.device("meta"):
        module = _inner(family_of(spec).build(spec).eval())
        inputs = torch.empty(1, channels, *spec.input_hw)
    tree = layer_tree(module, inputs)
    groups = _grouped(list(_units(tree.root)))
    return Anatomy(
        input_hw=spec.input_hw,
        blocks=tuple(_block(group) for group in groups),
        rows=tuple(row for i, group in enumerate(groups) for unit in group for row in _rows(i, unit)),
        params=tree.root.params,
        macs=tree.root.macs,
        weight_bytes=tree.root.params * _WEIGHT_BYTES,
        map_bytes=peak_bytes(module, inputs),
    )


def _inner(module: nn.Module) -> nn.Module:
    """The network inside a wrapper that only makes a tuple of its answer."""
    children = list(module.children())
    return children[0] if len(children) == 1 else module


def _units(node: Layer) -> Iterator[Layer]:
    """The pieces that a diagram shows: single layers and built blocks, in the order of execution."""
    for child in node.children:
        opens = child.children and (child.kind == "part" or child.output_shape is None or _plain_row(child))
        if opens:
            yield from _units(child)
        else:
            yield child


def _plain_row(node: Layer) -> bool:
    """Whether a node is only a row of layers, as VGG's `features` is, and not a block with a name of its own."""
    return node.module == "Sequential" and not any(child.children for child in node.children)


def _grouped(units: list[Layer]) -> list[list[Layer]]:
    """Units with weights that multiply begin a group, others join it; equal convolutions in a row share one."""
    groups: list[list[Layer]] = []
    for unit in units:
        if not groups or (unit.macs > 0 and not _continues(groups[-1], unit)):
            groups.append([])
        groups[-1].append(unit)
    if len(groups) > 1 and not any(unit.macs for unit in groups[0]):
        groups[1] = groups.pop(0) + groups[0]
    return groups


def _continues(group: list[Layer], unit: Layer) -> bool:
    first = group[0]
    pooled = any(_is_pool(each) for each in group)
    return not pooled and unit.module == first.module == "Conv2d" and unit.output_shape == group[-1].output_shape


def _is_pool(node: Layer) -> bool:
    return "Pool" in node.module


def _block(group: list[Layer]) -> Block:
    working = [unit for unit in group if unit.macs > 0] or group
    last = working[-1]
    pools = [unit for unit in group if _is_pool(unit)]
    box = None
    if last.field is not None and last.output_shape and len(last.output_shape) == 3:
        box = last.field.box(last.output_shape[1] // 2, last.output_shape[2] // 2)
    return Block(
        label=_label(working),
        kind=_kind(last),
        what=_summary(working),
        shape=last.output_shape or (),
        then=", ".join(what for pool in pools if "-pool to" not in (what := _what(pool))),
        params=sum(unit.params for unit in group),
        macs=sum(unit.macs for unit in group),
        field_box=box,
    )


def _kind(node: Layer) -> BlockKind:
    if node.module == "Linear":
        return "dense"
    inside = Counter(kind for each in node.walk() if (kind := _CONTAINERS.get(each.module)))
    return inside.most_common(1)[0][0] if inside else "convolution"


def _label(units: list[Layer]) -> str:
    """ "conv 3 × 3 (2)", "inception 4a", "stage 5", "dense"."""
    first, inside = units[0], _summary(units)
    if first.module == "Linear":
        return "dense"
    if first.module.startswith("Conv2d") or "," not in inside:
        kind = inside.removeprefix(f"{len(units)} ")
        return f"{kind} ({len(units)})" if len(units) > 1 else kind
    parent, _, last = first.name.rpartition(".")
    words = re.sub(r"(?<=[a-z])_?(?=\d)", " ", last).replace("_", " ")
    if words.isdecimal():
        return f"stage {words}" if first.module == "Sequential" else f"{parent.rpartition('.')[2]} {words}"
    return words


def _summary(units: list[Layer]) -> str:
    """Which layers with weights are inside, counted: "2 conv 3 × 3, 1 depthwise 3 × 3"."""
    counts = Counter(
        _what(each, stride=False)
        for unit in units
        for each in unit.walk()
        if not each.children and (each.macs > 0 or (_is_pool(each) and len(units) == 1 and unit.children))
    )
    return ", ".join(f"{n} {what}" if n > 1 else what for what, n in counts.items())


def _rows(block: int, unit: Layer) -> Iterator[Row]:
    for node in unit.walk():
        own = node.params - sum(child.params for child in node.children)
        if node.output_shape is None or not (own or (_is_pool(node) and not node.children)):
            continue
        yield Row(
            block=block,
            name=node.name,
            what=_what(node),
            output_shape=node.output_shape,
            params=own,
            macs=node.macs - sum(child.macs for child in node.children),
            field_hw=_field(node),
        )


def _field(node: Layer) -> tuple[float, float] | None:
    if node.field is None:
        return None
    return (inf, inf) if node.field.whole_picture else node.field.size_hw


def _what(node: Layer, stride: bool = True) -> str:
    """A layer in words: "conv 11 × 11 / 4", "depthwise 3 × 3", "max-pool 3 × 3 / 2", "batch norm", "dense"."""
    if node.module == "Linear":
        return "dense"
    if "Norm" in node.module:
        return "response norm" if "Response" in node.module else "batch norm"
    if "Adaptive" in node.module:
        shape = node.output_shape or ()
        side = shape[1] if len(shape) == 3 else 1
        return f"average-pool to {side} × {side}" if side > 1 else "average of each map"
    size = _pair(node.detail, "kernel_size")
    kind = "max-pool" if "MaxPool" in node.module else "average-pool" if "AvgPool" in node.module else "conv"
    if kind == "conv" and not node.module.startswith("Conv2d"):
        return node.module
    groups = re.search(r"groups=(\d+)", node.detail)
    channels = re.match(r"(\d+), (\d+)", node.detail)
    if groups and channels:
        kind = "depthwise" if groups[1] == channels[1] else "grouped conv"
    steps = _pair(node.detail, "stride")
    return f"{kind} {size} × {size}" + (f" / {steps}" if stride and steps not in ("", "1") else "")


def _pair(detail: str, name: str) -> str:
    found = re.search(rf"{name}=\(?(\d+)", detail)
    return found[1] if found else ""
