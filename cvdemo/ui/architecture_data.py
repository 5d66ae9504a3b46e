"""What the architecture page tells its components and tables, as plain values."""

from __future__ import annotations

from math import isinf
from typing import Any

from cvdemo.architectures.anatomy import Anatomy, Block, BlockKind, Row
from cvdemo.architectures.catalogue import Architecture
from cvdemo.architectures.measure import Measurement
from cvdemo.ui import words
from cvdemo.viz import class_hex
from cvdemo.viz.figures import significant

KINDS: dict[BlockKind, tuple[str, str]] = {
    "convolution": ("convolution", class_hex(4)),
    "inception": ("inception module", class_hex(0)),
    "separable": ("separable convolutions", class_hex(2)),
    "residual": ("residual block", class_hex(5)),
    "dense": ("dense layer", class_hex(3)),
}


def count(n: int) -> str:
    """Three significant digits with a scale: "15.5 G", "138 M", "23.3 k", "640"."""
    for scale, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if n >= scale * 0.9995:
            return significant(n / scale) + unit
    return str(n)


def size(n_bytes: int) -> str:
    """Three significant digits of megabytes: "553 MB", "2.15 MB"."""
    return f"{significant(n_bytes / 1e6)} MB"


def share(part: float) -> str:
    """An accuracy to a tenth of a percent."""
    return f"{part * 100:.1f}\N{NO-BREAK SPACE}%"


def shape_text(shape: tuple[int, ...]) -> str:
    """ "112 × 112 × 64", width first as people say it, or "4,096"."""
    if len(shape) == 3:
        channels, height, width = shape
        return f"{width} × {height} × {channels:,}"
    return " × ".join(f"{n:,}" for n in shape)


def diagram_data(built: Anatomy, picture: str, name: str) -> dict[str, Any]:
    """picture: data URL of the network's input, cut from the visitor's picture called name."""
    kinds = [kind for kind in KINDS if any(block.kind == kind for block in built.blocks)]
    height, width = built.input_hw
    return {
        "picture": {"src": picture, "width": width, "height": height, "name": name},
        "blocks": [_block(block, built) for block in built.blocks],
        "kinds": [{"name": KINDS[kind][0], "color": KINDS[kind][1]} for kind in kinds],
    }


def _block(block: Block, built: Anatomy) -> dict[str, Any]:
    channels = block.shape[0] if block.shape else 1
    return {
        "label": block.label,
        "color": KINDS[block.kind][1],
        "kind": KINDS[block.kind][0],
        "what": ", then ".join(part for part in (block.what, block.then) if part),
        "channels": channels,
        "cells": block.shape[1] if len(block.shape) == 3 else 1,
        "output": shape_text(block.shape),
        "size": _size_lines(block.shape),
        "params": count(block.params),
        "macs": count(block.macs),
        "weightShare": block.params / max(built.params, 1),
        "workShare": block.macs / max(built.macs, 1),
        "box": list(block.field_box) if block.field_box else None,
    }


def _size_lines(shape: tuple[int, ...]) -> list[str]:
    """The grid and the channels, one above the other."""
    if len(shape) == 3:
        return [f"{shape[2]} × {shape[1]}", f"{shape[0]:,} ch"]
    return [f"{shape[0]:,}" if shape else ""]


def rows_data(rows: tuple[Row, ...]) -> list[dict[str, str]]:
    """The layer table."""
    return [
        {
            "Layer": row.name,
            "What": row.what,
            "Output": shape_text(row.output_shape),
            "Parameters": count(row.params) if row.params else "",
            "MACs": count(row.macs) if row.macs else "",
            "Sees": _field(row),
        }
        for row in rows
    ]


def _field(row: Row) -> str:
    if row.field_hw is None or isinf(row.field_hw[0]):
        return "all"
    return f"{row.field_hw[1]:.0f} × {row.field_hw[0]:.0f}"


def facts_data(entry: Architecture, built: Anatomy, timed: Measurement | None, failed: str | None) -> dict[str, Any]:
    """The figures of a network. timed: None while it is being measured; failed: why it could not be."""
    facts = [
        _fact("parameters", count(built.params), "Numbers that training sets"),
        _fact("multiply-adds", count(built.macs), "For one picture; a bias counts as one"),
        _fact("weights", size(built.weight_bytes), "In memory, as 32-bit numbers"),
        _fact(
            "feature maps",
            size(built.map_bytes),
            "The most that the input and the feature maps of one picture take at one moment",
        ),
        _time(timed, failed),
        _fact("ImageNet top-1", share(entry.top1), f"Published: {entry.source}, with the official weights"),
    ]
    return {"facts": facts}


def _time(timed: Measurement | None, failed: str | None) -> dict[str, Any]:
    if timed is None:
        return _fact("in torch on this machine", "–" if failed else "", failed or "") | {"pending": failed is None}
    threads = f", {words.counted(timed.threads, 'thread')}" if timed.threads else ""
    spread = f"{words.duration(timed.fastest_s)} to {words.duration(timed.slowest_s)}"
    about = f"Median of {timed.runs} passes in torch on {timed.device}{threads} ({spread}), picture: {timed.picture}"
    where = timed.device.upper() if timed.device in ("cpu", "mps") else timed.device
    return _fact(f"in torch, {where}{threads}", words.duration(timed.forward_s), about)


def _fact(label: str, value: str, about: str) -> dict[str, Any]:
    return {"label": label, "value": value, "help": about, "pending": False}


def _last_field(built: Anatomy) -> str:
    """Receptive field of the last map in pixels of the input, "all" once it is no smaller."""
    fields = [row.field_hw for row in built.rows if row.field_hw is not None]
    height, width = fields[-1]
    return "all" if isinf(height) else f"{width:.0f} × {height:.0f} px"


def side_by_side(pairs: list[tuple[Architecture, Anatomy]]) -> list[dict[str, str]]:
    """All networks in one table."""
    return [
        {
            "Network": entry.title,
            "Year": str(entry.year),
            "Parameters": count(built.params),
            "MACs": count(built.macs),
            "Weights": size(built.weight_bytes),
            "Feature maps": size(built.map_bytes),
            "Last cell sees": _last_field(built),
            "Input": f"{built.input_hw[1]} × {built.input_hw[0]}",
            "ImageNet top-1": share(entry.top1),
        }
        for entry, built in pairs
    ]
