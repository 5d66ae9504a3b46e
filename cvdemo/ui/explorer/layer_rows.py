"""The layer tree as rows of a table, in words."""

from __future__ import annotations

from math import isinf
from typing import Any

from cvdemo.inspect.layers import KINDS, Layer, LayerTree
from cvdemo.ui import words


def layers_data(tree: LayerTree, current: str, stages: dict[str, str]) -> dict[str, Any]:
    """What the layers component is told. stages: addresses of the stages' small pictures."""
    return {
        "rows": [row(node) for node in tree.by_name.values()],
        "current": current,
        "stages": [_stage(tree.find(name), src) for name, src in stages.items()],
        "input": f"{tree.input_hw[1]} × {tree.input_hw[0]}",
        "kinds": KINDS,
        "guess": "Receptive fields may be larger than said: "
        + ", ".join(sorted(tree.guesses)) + " is not followed." if tree.guesses else "",
    }  # fmt: skip


def row(node: Layer) -> dict[str, Any]:
    """A node in words; empty where there is nothing to say."""
    return {
        "name": node.name,
        "title": node.title,
        "kind": node.kind,
        "module": node.module,
        "detail": node.detail,
        "depth": node.depth,
        "shape": shape(node),
        "stride": stride(node),
        "params": words.amount(node.params) if node.params else "",
        "macs": words.amount(node.macs) if node.macs else "",
        "field": field(node),
        "map": node.is_map,
    }


def shape(node: Layer) -> str:
    """Channels, then width and height as pictures have them: "40 × 28 × 28"."""
    if node.output_shape is None:
        return ""
    if len(node.output_shape) == 3:
        channels, height, width = node.output_shape
        return f"{channels} ch, {width} × {height}"
    return " × ".join(str(n) for n in node.output_shape)


def stride(node: Layer) -> str:
    """ "8", or "8 × 4" where the directions differ."""
    if node.stride is None:
        return ""
    y, x = node.stride
    return f"{x:g}" if x == y else f"{x:g} × {y:g}"


def field(node: Layer) -> str:
    """Pixels of the network's input that a cell sees: "43 × 43", "all"."""
    if node.field is None:
        return ""
    height, width = node.field.size_hw
    if isinf(height) or isinf(width):
        return "all"
    return f"{width:g} × {height:g}"


def _stage(node: Layer, src: str) -> dict[str, Any]:
    parts = node.name.split(".")
    label = " ".join(parts[-2:]) if parts[-1].isdecimal() else parts[-1]
    return {"name": node.name, "label": label.replace("_", " "), "shape": node.output_shape, "src": src}
