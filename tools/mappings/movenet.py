"""MoveNet for one person: names of the graph -> names of cvdemo.models.nets.movenet.MoveNet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from tools.mappings.kernels import conv_kernel, depthwise_kernel
from tools.tfjs import Graph

ROOT = "StatefulPartitionedCall/"
EXTRACTOR = ROOT + "center_net_mobile_net_v2fpn_feature_extractor/model_1/"
#: Blocks of the seven stages of MobileNetV2; the graph counts them on from 0 to 16.
BLOCKS = (1, 2, 3, 4, 3, 3, 1)
#: Branch of the head -> its name in the graph and the numbers of its two layers.
BRANCHES = {
    "center_heatmap": ("center_0", 3, 4),
    "keypoint_heatmap": ("kpt_heatmap_0", 4, 5),
    "keypoint_regression": ("kpt_regress_0", 5, 6),
    "keypoint_offset": ("kpt_offset_0", 6, 7),
}

Arrays = dict[str, NDArray[Any]]


def state_dict(graph: Graph) -> Arrays:
    """All parameters of a MoveNet, OIHW (depthwise C1HW), in the graph's own precision."""
    return {**extractor(graph), **head(graph, BRANCHES)}


def extractor(graph: Graph) -> Arrays:
    """Parameters of the backbone and of the pyramid."""
    weights = graph.weights
    state: Arrays = {}
    for ours, theirs in backbone_names():
        depthwise = theirs.endswith("depthwise")
        layer = f"{EXTRACTOR}model/{theirs}{'/depthwise' if depthwise else '/Conv2D'}"
        kernel = weights[f"{layer}_weights"]
        state[f"{ours}.weight"] = depthwise_kernel(kernel) if depthwise else conv_kernel(kernel)
        state[f"{ours}.bias"] = weights[f"{layer}_bn_offset"]
    for stride, layer in {32: "conv2d", 16: "conv2d_1", 8: "conv2d_2", 4: "conv2d_3"}.items():
        state[f"fpn.lateral{stride}.weight"] = conv_kernel(weights[f"{EXTRACTOR}{layer}/Conv2D/ReadVariableOp"])
        state[f"fpn.lateral{stride}.bias"] = weights[f"{EXTRACTOR}{layer}/BiasAdd/ReadVariableOp"]
    for stride, name in {16: "separable_conv2d", 8: "separable_conv2d_1", 4: "separable_conv2d_2"}.items():
        layer = f"{EXTRACTOR}{name}/separable_conv2d"
        state[f"fpn.smooth{stride}.depthwise.weight"] = depthwise_kernel(weights[f"{layer}/ReadVariableOp"])
        state[f"fpn.smooth{stride}.pointwise.weight"] = conv_kernel(weights[f"{layer}_weights"])
        state[f"fpn.smooth{stride}.pointwise.bias"] = weights[f"{layer}_bn_offset"]
    return state


def backbone_names() -> Iterator[tuple[str, str]]:
    """Pairs of our name and the graph's for the convolutions of the backbone."""
    yield "backbone.stem.conv", "Conv1"
    number = 0
    for stage, blocks in enumerate(BLOCKS, start=1):
        for block in range(1, blocks + 1):
            ours = f"backbone.stage{stage}.block{block}"
            theirs = f"block_{number}" if number else "expanded_conv"
            if number:
                yield f"{ours}.expand.conv", f"{theirs}_expand"
            yield f"{ours}.depthwise.conv", f"{theirs}_depthwise"
            yield f"{ours}.project", f"{theirs}_project"
            number += 1
    yield "backbone.top.conv", "Conv_1"


def head(graph: Graph, branches: dict[str, tuple[str, int, int]]) -> Arrays:
    """Parameters of the branches of the head."""
    weights = graph.weights
    state: Arrays = {}
    for ours, (theirs, features, predict) in branches.items():
        layer = f"{ROOT}{theirs}/separable_conv2d_{features}"
        depthwise = weights[f"{layer}/separable_conv2d/ReadVariableOp"]
        state[f"head.{ours}.features.depthwise.weight"] = depthwise_kernel(depthwise)
        pointwise = weights[f"{layer}/separable_conv2d/ReadVariableOp_1"]
        state[f"head.{ours}.features.pointwise.weight"] = conv_kernel(pointwise)
        state[f"head.{ours}.features.pointwise.bias"] = weights[f"{layer}/BiasAdd/ReadVariableOp"]
        layer = f"{ROOT}{theirs}/conv2d_{predict}"
        state[f"head.{ours}.predict.weight"] = conv_kernel(weights[f"{layer}/Conv2D/ReadVariableOp"])
        state[f"head.{ours}.predict.bias"] = weights[f"{layer}/BiasAdd/ReadVariableOp"]
    return state
