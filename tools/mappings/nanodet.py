"""NanoDet: the graph numbers its convolutions through; cvdemo.models.nets.nanodet has names for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from tools.mappings.kernels import conv_kernel
from tools.tfjs import Graph

#: Dense blocks of the backbone's stages.
BLOCKS = (1, 2, 2, 3)
CLASSES = 80


def backbone_and_neck() -> Iterator[str]:
    """Convolutions by name in the order of the graph's numbers."""
    yield "backbone.stem.conv.conv"
    for stage, count in enumerate(BLOCKS, start=1):
        yield f"backbone.stage{stage}.entry.conv"
        for block in range(1, count + 1):
            yield f"backbone.stage{stage}.blocks.block{block}.conv1.conv"
            yield f"backbone.stage{stage}.blocks.block{block}.conv2.conv"
        yield f"backbone.stage{stage}.exit.conv"
    for stride in (8, 16, 32):
        yield f"neck.lateral{stride}"


def state_dict(graph: Graph) -> dict[str, NDArray[Any]]:
    """State dict of NanoDet."""
    convolutions: list[tuple[NDArray[Any], NDArray[Any]]] = []
    while (name := f"PartitionedCall/convolution{_suffix(len(convolutions))}") in graph.nodes:
        convolutions.append(_kernel_and_bias(graph, name))
    state: dict[str, NDArray[Any]] = {}
    names = list(backbone_and_neck())
    for name, (kernel, bias) in zip(names, convolutions, strict=False):
        state[f"{name}.weight"], state[f"{name}.bias"] = kernel, bias
    head = convolutions[len(names) :]
    for stride, (conv, output) in zip((8, 16, 32), zip(head[::2], head[1::2], strict=True), strict=True):
        grid = f"head.grid{stride}"
        state[f"{grid}.conv.conv.weight"], state[f"{grid}.conv.conv.bias"] = conv
        for part, channels in (("scores", slice(CLASSES)), ("distances", slice(CLASSES, None))):
            state[f"{grid}.{part}.weight"] = output[0][channels]
            state[f"{grid}.{part}.bias"] = output[1][channels]
    return state


def _suffix(number: int) -> str:
    return f"_{number}" if number else ""


def _kernel_and_bias(graph: Graph, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """The constants of a convolution and of the addition that follows it."""
    (bias,) = {
        other
        for node in graph.nodes.values()
        if node["op"] == "Add" and name in node["input"]
        for other in node["input"]
    } - {name}
    return conv_kernel(graph.weights[graph.nodes[name]["input"][1]]), graph.weights[bias]
