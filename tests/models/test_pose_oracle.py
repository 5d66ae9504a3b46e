"""The pose networks equal the graphs they were read from, in torch and as the engine runs them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from cvdemo.models import family_of
from cvdemo.registry import REGISTRY
from cvdemo.runtime import OnnxRuntime, export_graph
from cvdemo.weights import load_state
from tests.models.pose_oracle import NAMES, Arrays, run_onnx, scene, stored, thinned

ORACLE = os.environ.get("CVDEMO_ORACLE")


@cache
def network(name: str) -> nn.Module:
    """The network with its weights."""
    spec = REGISTRY.get(name)
    module = family_of(spec).build(spec).eval().requires_grad_(False)
    module.load_state_dict(load_state(spec))
    return module


def batch(*pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 3, H, W) float32."""
    return np.stack([each.transpose(2, 0, 1) for each in pixels]).astype(np.float32)


def run_torch(name: str, inputs: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    outputs = network(name)(torch.from_numpy(inputs))
    names = family_of(REGISTRY.get(name)).output_names
    return {key: each.numpy() for key, each in zip(names, outputs, strict=True)}


def assert_same(got: Arrays, want: Arrays, part_of_range: float) -> None:
    assert list(got) == list(want)
    for key, expected in want.items():
        assert got[key].shape == expected.shape
        assert np.abs(got[key] - expected).max() <= part_of_range * np.ptp(expected), key


@pytest.mark.parametrize("name", NAMES)
def test_outputs_equal_the_stored_reference(name: str) -> None:
    assert_same(thinned(run_torch(name, batch(scene(name)))), stored(name), 1e-4)


@pytest.mark.skipif(not ORACLE, reason="set CVDEMO_ORACLE to the folder of the reference networks")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("change", ["as it is", "mirrored", "upside down", "negative", "noise"])
def test_outputs_equal_the_reference(name: str, change: str) -> None:
    pixels = {
        "as it is": lambda p: p,
        "mirrored": lambda p: p[:, ::-1],
        "upside down": lambda p: p[::-1],
        "negative": lambda p: 255 - p,
        "noise": lambda p: np.random.default_rng(0).integers(0, 256, p.shape, np.uint8),
    }[change](scene(name))
    assert_same(run_torch(name, batch(pixels)), run_onnx(Path(ORACLE or ""), name, pixels), 1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_exported_graph_gives_the_same_for_any_batch(name: str) -> None:
    pixels = scene(name)
    inputs = batch(pixels, pixels[:, ::-1], pixels[::-1])
    graph = export_graph(network(name), family_of(REGISTRY.get(name)), inputs[:1])
    names = family_of(REGISTRY.get(name)).output_names
    together = dict(zip(names, OnnxRuntime(graph, 1)(inputs), strict=True))
    assert_same(together, run_torch(name, inputs), 1e-4)
    alone = dict(zip(names, OnnxRuntime(graph, 1)(inputs[1:2]), strict=True))
    assert_same(alone, {key: each[1:2] for key, each in together.items()}, 1e-5)
    assert_same(alone, run_torch(name, inputs[1:2]), 1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_runtime_merges_all_padding_into_convolutions(name: str, tmp_path: Path) -> None:
    """Padding of its own costs a quarter of the time."""
    import onnx
    import onnxruntime

    graph = export_graph(network(name), family_of(REGISTRY.get(name)), batch(scene(name)))
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    operations = [node.op_type for node in onnx.load(options.optimized_model_filepath).graph.node]
    assert "Pad" not in operations
    assert operations.count("Conv") > 30


@pytest.mark.parametrize(
    ("name", "branches"),
    [
        ("movenet-thunder", {"center_heatmap": (1, 64, 64), "keypoint_heatmap": (17, 64, 64)}),
        ("movenet-multipose", {"center_heatmap": (1, 96, 96), "keypoint_heatmap": (17, 96, 96)}),
    ],
)
def test_heatmaps_are_outputs_of_named_modules(name: str, branches: dict[str, tuple[int, ...]]) -> None:
    seen: dict[str, torch.Tensor] = {}
    handles = [
        network(name)
        .get_submodule(f"head.{branch}")
        .register_forward_hook(lambda _, __, output, branch=branch: seen.__setitem__(branch, output))
        for branch in branches
    ]
    try:
        run_torch(name, batch(scene(name)))
    finally:
        for handle in handles:
            handle.remove()
    for branch, shape in branches.items():
        assert seen[branch].shape == (1, *shape)
        assert 0 <= seen[branch].min() < seen[branch].max() <= 1


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("movenet-thunder", ["backbone.stage3.block2.depthwise", "fpn.smooth4", "head.keypoint_offset.predict"]),
        ("movenet-multipose", ["backbone.stem", "backbone.top", "fpn.lateral16", "head.box_size.features"]),
        ("posenet", ["backbone.block13.pointwise", "head.heatmap", "head.displacement_bwd"]),
    ],
)
def test_layers_have_readable_names(name: str, layers: list[str]) -> None:
    for layer in layers:
        assert isinstance(network(name).get_submodule(layer), nn.Module)
