"""Read a TensorFlow.js graph model without TensorFlow: the nodes of the graph and its constants as numpy arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DTYPES = {
    "float32": np.float32,
    "float16": np.float16,
    "int32": np.int32,
    "uint8": np.uint8,
    "bool": np.bool_,
}


@dataclass(frozen=True)
class Graph:
    """nodes: the graph's nodes by name (dicts with op, input, attr), in file order. weights: constants by name,
    in the dtype and order they are stored in; convolution kernels are HWIO."""

    nodes: dict[str, dict[str, Any]]
    weights: dict[str, NDArray[Any]]


def read_graph(path: Path) -> Graph:
    """Read NAME.json and the NAME.bin that lies beside it."""
    model = json.loads(path.read_text(encoding="utf-8"))
    nodes = {node["name"]: node for node in model["modelTopology"]["node"]}
    (manifest,) = model["weightsManifest"]
    blob = b"".join((path.parent / name).read_bytes() for name in manifest["paths"])
    weights: dict[str, NDArray[Any]] = {}
    offset = 0
    for entry in manifest["weights"]:
        stored = entry.get("quantization", {}).get("dtype", entry["dtype"])
        if stored not in _DTYPES:
            raise ValueError(f"{path.name}: {entry['name']} has the unknown dtype {stored}")
        dtype = np.dtype(_DTYPES[stored])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        array = np.frombuffer(blob, dtype, count, offset)
        offset += count * dtype.itemsize
        quantization = entry.get("quantization", {})
        if "scale" in quantization:
            array = array.astype(np.float32) * quantization["scale"] + quantization["min"]
        weights[entry["name"]] = array.reshape(entry["shape"])
    if offset != len(blob):
        raise ValueError(f"{path.name}: {len(blob) - offset} bytes of weights are unaccounted for")
    return Graph(nodes, weights)
