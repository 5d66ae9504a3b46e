"""PoseNet: names of the graph -> names of cvdemo.models.nets.posenet.PoseNet."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from tools.mappings.kernels import conv_kernel, depthwise_kernel
from tools.tfjs import Graph

BLOCKS = 13
#: Branch of the head -> its node in the graph.
BRANCHES = {
    "heatmap": "heatmap_2",
    "offset": "offset_2",
    "displacement_fwd": "displacement_fwd_2",
    "displacement_bwd": "displacement_bwd_2",
}


def state_dict(graph: Graph) -> dict[str, NDArray[Any]]:
    """All parameters of a PoseNet, OIHW (depthwise C1HW). The constants have no names of their own in this graph:
    they are found as the inputs of the named nodes."""
    root = "MobilenetV1/MobilenetV1/Conv2d_"
    nodes = {"backbone.stem.conv": f"{root}0/Relu6"}
    for number in range(1, BLOCKS + 1):
        block = f"backbone.block{number}"
        nodes[f"{block}.depthwise.conv"] = f"{root}{number}_depthwise/BatchNorm/batchnorm/add_1/conv"
        nodes[f"{block}.pointwise.conv"] = f"{root}{number}_pointwise/Relu6"
    nodes |= {f"head.{ours}": f"MobilenetV1/{theirs}/BiasAdd" for ours, theirs in BRANCHES.items()}

    state: dict[str, NDArray[Any]] = {}
    for ours, theirs in nodes.items():
        _, kernel, bias = graph.nodes[theirs]["input"]
        convert = depthwise_kernel if ours.endswith("depthwise.conv") else conv_kernel
        state[f"{ours}.weight"] = convert(graph.weights[kernel])
        state[f"{ours}.bias"] = graph.weights[bias]
    return state
