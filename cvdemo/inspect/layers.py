"""The layers of a real network as a tree: what each one is, costs, puts out, and sees of the picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from math import inf, isinf
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import UsageError

#: Calls of one module in a pass above which it is a function that many layers share.
_MOST_CALLS = 4

Kind = Literal["network", "part", "stage", "block", "layer"]
KINDS: dict[Kind, str] = {
    "network": "The whole network.",
    "part": "A large piece that works at several resolutions, such as a backbone.",
    "stage": "Blocks that follow each other at one resolution.",
    "block": "A few layers that belong together.",
    "layer": "One operation with its weights, or an activation.",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReceptiveField:
    """Which pixels of the network's input can change a cell of a feature map.

    rows: (h, 2) int32, for every row of cells the first input row it sees and the one after the last; columns: (w,
    2). Cut at the input's border, and without gates (squeeze-and-excite), which rows_all and columns_all include.
    size_hw: height and width in pixels where no border cuts it; inf for the whole picture. start_hw: upper left
    corner of cell (0, 0)'s field before cutting, usually negative. gated: whether gates let every cell see more than
    rows and columns say.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    rows_all: NDArray[np.int32]
    columns_all: NDArray[np.int32]
    size_hw: tuple[float, float]
    start_hw: tuple[float, float]

    @property
    def whole_picture(self) -> bool:
        """Whether the field has no bounds of its own."""
        return isinf(self.size_hw[0]) or isinf(self.size_hw[1])

    @property
    def gated(self) -> bool:
        return not (np.array_equal(self.rows, self.rows_all) and np.array_equal(self.columns, self.columns_all))

    def box(self, row: int, column: int, gates: bool = False) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) in pixels of the network's input, x1 and y1 exclusive, of the cell's field; all 0 where
        it sees nothing but padding. Raises UsageError for a cell that does not exist."""
        rows, columns = (self.rows_all, self.columns_all) if gates else (self.rows, self.columns)
        if not (0 <= row < len(rows) and 0 <= column < len(columns)):
            raise UsageError(f"This layer has {len(rows)} x {len(columns)} cells; choose one of them.")
        (y0, y1), (x0, x1) = rows[row], columns[column]
        return (int(x0), int(y0), int(x1), int(y1)) if y1 > y0 and x1 > x0 else (0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One node of the tree.

    name: qualified, as in module.named_modules(); ':2' and so on for later calls of a module that runs more than
    once. module: its type. detail: its settings in torch's words. output_shape: of one picture, (C, h, w) for a
    feature map, None for a container that never runs itself. stride: input pixels from one cell to the next (y, x),
    None where the output is no feature map. params: weights in it. macs: multiply-adds for one picture, a bias
    counting as one (as torchinfo counts). field: None where the output is no feature map. outputs: how many tensors
    it returns; shape, stride and field are those of the first. same_as: the layer before it that returned this very
    tensor, as the last layer of a block does. overwritten: whether a later layer may write into its output's memory,
    as ReLU(inplace=True) does.
    """

    name: str
    module: str
    detail: str
    kind: Kind
    depth: int
    output_shape: tuple[int, ...] | None
    outputs: int
    stride: tuple[float, float] | None
    params: int
    macs: int
    field: ReceptiveField | None
    children: tuple[Layer, ...]
    same_as: str | None = None
    overwritten: bool = True

    @property
    def is_map(self) -> bool:
        """Whether its output can be looked at as channels of a picture: (C, h, w) with more than one cell."""
        shape = self.output_shape
        return shape is not None and len(shape) == 3 and self.field is not None and shape[1] * shape[2] > 1

    @property
    def title(self) -> str:
        """The last part of its name."""
        return self.name.rpartition(".")[2] or self.module

    def walk(self) -> Iterator[Layer]:
        """Itself and everything in it, in the order of execution."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerTree:
    """input_hw: size of the input that shapes and fields are for. guesses: operations whose rule is not known, so that
    what depends on them may see less than it is said to."""

    root: Layer
    input_hw: tuple[int, int]
    guesses: frozenset[str]

    @cached_property
    def by_name(self) -> dict[str, Layer]:
        """All nodes in the order of execution."""
        return {node.name: node for node in self.root.walk()}

    @cached_property
    def maps(self) -> tuple[Layer, ...]:
        """The nodes whose outputs are feature maps, in the order of execution, blocks before the layers in them."""
        return tuple(node for node in self.by_name.values() if node.is_map)

    def find(self, name: str) -> Layer:
        """The node of that name. Raises UsageError."""
        if (node := self.by_name.get(name)) is None:
            raise UsageError(f"This network has no layer '{name}'; choose one from the layer tree.")
        return node

    def search(self, text: str) -> list[Layer]:
        """Nodes with all the words of text in their name, type or settings; small and capital letters are alike."""
        words = text.lower().split()
        label = {n.name: f"{n.name} {n.module} {n.detail} {n.kind}".lower() for n in self.by_name.values()}
        return [node for node in self.by_name.values() if all(word in label[node.name] for word in words)]

    def step(self, name: str, by: int) -> Layer:
        """The feature map so many places after (or before) a node, kept within the first and the last one."""
        order = list(self.by_name.values())
        maps = list(self.maps)
        if not maps:
            raise UsageError("This network has no feature maps.")
        here = order.index(self.find(name))
        before = sum(node.is_map for node in order[:here])
        index = before + by if order[here].is_map or by <= 0 else before + by - 1
        return maps[min(max(index, 0), len(maps) - 1)]

    def stages(self, most: int = 12) -> tuple[Layer, ...]:
        """One feature map for each step of the way from picture to answer, at most so many.

        These are the outputs of stages and of blocks outside of stages, and of single layers in a row the last one at
        each resolution. Where there are too many, resolutions with the most of them keep an even choice and their last.
        """
        units = [node for node in _units(self.root) if node.is_map]
        # What runs time and again, as an activation that a whole network shares, is no step of the way.
        calls = Counter(node.name.partition(":")[0] for node in units)
        units = [node for node in units if calls[node.name.partition(":")[0]] <= _MOST_CALLS]
        strip = [node for node, then in pairwise(units) if not _run(node, then)] + units[-1:]
        groups = [list(group) for _, group in groupby(strip, key=lambda node: node.stride)]
        if len(groups) > most:  # heads that answer at several resolutions in turn: an even choice, first and last kept
            groups = [groups[round(i * (len(groups) - 1) / (most - 1))] for i in range(most)]
        keep = [len(group) for group in groups]
        while sum(keep) > most:
            keep[max(range(len(keep)), key=lambda i: (keep[i], groups[i][0].kind == "layer", -i))] -= 1
        return tuple(
            group[(i + 1) * len(group) // k - 1] for group, k in zip(groups, keep, strict=True) for i in range(k)
        )


def _run(node: Layer, after: Layer) -> bool:
    """Whether two nodes are single layers that follow each other at one resolution."""
    return node.kind == after.kind == "layer" and node.stride == after.stride


def _units(node: Layer) -> Iterator[Layer]:
    """The largest pieces that keep to one resolution; beside stages and blocks, single layers do not count."""
    built = any(child.kind in ("stage", "block", "part") for child in node.children)
    for child in node.children:
        if child.kind == "part" or (child.output_shape is None and child.children):
            yield from _units(child)
        elif child.kind != "layer" or not built or child is node.children[-1]:
            yield child


def unclipped_size(low: float, high: float) -> float:
    """Length in pixels of an unclipped field."""
    return inf if isinf(low) or isinf(high) else high - low
