"""CenterNet: the graph's names to those of cvdemo.models.nets.centernet."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.mappings.kernels import conv_kernel, depthwise_kernel
from tools.tfjs import Graph

#: Blocks of the backbone's stages; the graph numbers them through: expanded_conv, expanded_conv_1, ...
BLOCKS = (1, 2, 3, 6, 3)
#: The graph multiplies the predicted distances by this; a power of two goes into the kernel without rounding.
DISTANCE_SCALE = 16


def state_dict(graph: Graph) -> dict[str, NDArray[Any]]:
    """State dict of CenterNet."""
    state: dict[str, NDArray[Any]] = {}

    def add(name: str, kernel: str, bias: str | None, depthwise: bool = False, scale: int = 1) -> None:
        weight = _find(graph, kernel)
        turned = depthwise_kernel(weight) if depthwise else conv_kernel(weight)
        state[f"{name}.weight"] = turned * weight.dtype.type(scale)
        if bias is not None:
            state[f"{name}.bias"] = _find(graph, bias) * weight.dtype.type(scale)

    def folded(name: str, path: str) -> None:
        add(name, f"{path}/Conv2D_weights", f"{path}/Conv2D_bn_offset")

    def separable(name: str, path: str) -> None:
        add(f"{name}.depthwise", f"{path}/depthwise_weights", None, depthwise=True)
        add(f"{name}.pointwise", f"{path}/separable_conv2d_weights", f"{path}/separable_conv2d_bn_offset")

    def output(name: str, path: str, scale: int = 1) -> None:
        add(f"{name}.depthwise", f"{path}/depthwise_weights", None, depthwise=True)
        add(f"{name}.pointwise", f"{path}/pointwise_weights", f"{path}/biases", scale=scale)

    def block(name: str, path: str) -> None:
        if f"tower_0/{path}/expand/Conv2D_weights" in graph.weights:
            folded(f"{name}.expand.conv", f"{path}/expand")
        at = f"{path}/depthwise/depthwise"
        add(f"{name}.depthwise.conv", f"{at}_weights", f"{at}_bn_offset", depthwise=True)
        gate = f"{path}/squeeze_excite"
        if f"{gate}/Conv/weights" in graph.weights:
            add(f"{name}.squeeze_excite.reduce.conv", f"{gate}/Conv/weights", f"{gate}/Conv/biases")
            add(f"{name}.squeeze_excite.expand", f"{gate}/Conv_1/weights", f"{gate}/Conv_1/biases")
        folded(f"{name}.project", f"{path}/project")

    folded("backbone.stem.conv", "MobilenetV3/Conv")
    number = 0
    for stage, count in enumerate(BLOCKS, start=1):
        for place in range(1, count + 1):
            suffix = f"_{number}" if number else ""
            block(f"backbone.stage{stage}.block{place}", f"MobilenetV3/expanded_conv{suffix}")
            number += 1
    folded("backbone.top.conv", "extern1")
    for level in (4, 3, 2):
        merge, lateral, up = (
            f"neck.merge{level}",
            f"CenternetHead/c{level}_reverse",
            f"CenternetHead/c{level + 1}_upsample",
        )
        folded(f"{merge}.lateral.reduce.conv", f"{lateral}/1x1")
        separable(f"{merge}.lateral.separable", f"{lateral}/3x3")
        separable(f"{merge}.upsample.near", f"{up}/branch_x_upsample_resize")
        separable(f"{merge}.upsample.far", f"{up}/branch_y_upsample_resize")
    folded("head.attention.reduce.conv", "CenternetHead/conv1x1_se_a")
    add("head.attention.expand", "CenternetHead/conv1x1_se_b/weights", None)
    output("head.heatmap", "CenternetHead/centernet_cls_output")
    output("head.distances", "CenternetHead/centernet_wh_output", scale=DISTANCE_SCALE)
    return state


def _find(graph: Graph, name: str) -> NDArray[np.float16]:
    """A constant by its name, with or without the name of the tower it was trained on."""
    return graph.weights[name] if name in graph.weights else graph.weights[f"tower_0/{name}"]
