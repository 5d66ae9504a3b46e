"""The imported networks compute what the published ones do."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cvdemo.models import family_of
from cvdemo.registry import REGISTRY
from cvdemo.runtime import OnnxRuntime, export_graph
from cvdemo.weights import load_state
from tests.models.oracle import CASES, PHOTOS, Array, photo, stored_path

#: Largest difference allowed, as a share of the output's range. The classifier's weights were published in float32
#: and are stored in float16; the others are stored as published.
TOLERANCE = {"centernet": 1e-4, "nanodet": 1e-4, "efficientnet-lite0": 5e-3}


@cache
def load(name: str) -> nn.Module:
    torch.set_num_threads(1)  # more of them wait for each other as soon as the machine does something else
    spec = REGISTRY.get(name)
    module = family_of(spec).build(spec).eval().requires_grad_(False)
    module.load_state_dict(load_state(spec))
    return module


def outputs(name: str, picture: str) -> list[Array]:
    case = CASES[name]
    with torch.inference_mode():
        return [o.numpy() for o in load(name)(torch.from_numpy(case.prepare(photo(picture, case.size))))]


@pytest.mark.parametrize("picture", PHOTOS)
@pytest.mark.parametrize("name", CASES)
def test_outputs_equal_stored_reference(name: str, picture: str) -> None:
    stored = np.load(stored_path(name))
    found = outputs(name, picture)
    assert len(found) == len(family_of(REGISTRY.get(name)).output_names)
    for i, output in enumerate(found):
        index, values = stored[f"{picture}_{i}_index"], stored[f"{picture}_{i}_values"]
        worst = np.abs(output.ravel()[index] - values).max() / stored[f"{picture}_{i}_range"]
        assert worst < TOLERANCE[name], f"output {i} is off by {worst:.1e} of its range"


@pytest.mark.parametrize("name", ["centernet", "nanodet"])
def test_outputs_equal_reference_network(name: str) -> None:
    folder = os.environ.get("CVDEMO_ORACLE")
    if not folder:
        pytest.skip("CVDEMO_ORACLE does not name a folder with the reference networks as ONNX")
    case = CASES[name]
    noise = np.random.default_rng(1).integers(0, 256, (case.size, case.size, 3), dtype=np.uint8)
    inputs = case.prepare(noise)
    with torch.inference_mode():
        found = load(name)(torch.from_numpy(inputs))
    for output, reference in zip(found, case.reference(Path(folder), inputs), strict=True):
        assert output.shape == reference.shape
        assert np.abs(output.numpy() - reference).max() < TOLERANCE[name] * np.ptp(reference)


@pytest.mark.parametrize("name", CASES)
def test_exported_graph_equals_module(name: str) -> None:
    family, case = family_of(REGISTRY.get(name)), CASES[name]
    inputs = case.prepare(photo("cat", case.size))
    batch = np.concatenate([np.zeros_like(inputs), inputs])
    exported = OnnxRuntime(export_graph(load(name), family, inputs), threads=1)(batch)
    for output, graph in zip(outputs(name, "cat"), exported, strict=True):
        assert np.abs(graph[1:] - output).max() < 1e-4 * np.ptp(output)


@pytest.mark.parametrize("name", CASES)
def test_layers_have_readable_names_and_results_of_their_own(name: str) -> None:
    """A hook on any convolution or activation is called once and sees a tensor that nothing overwrites later."""
    module, case = load(name), CASES[name]
    seen: dict[str, list[tuple[torch.Tensor, torch.Tensor]]] = {}
    handles = [
        layer.register_forward_hook(
            lambda _, __, output, path=path: seen.setdefault(path, []).append((output, output.clone()))
        )
        for path, layer in module.named_modules()
        if isinstance(layer, (nn.Conv2d, nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.Sigmoid, nn.BatchNorm2d))
    ]
    with torch.inference_mode():
        module(torch.from_numpy(case.prepare(photo("cat", case.size))))
    for handle in handles:
        handle.remove()
    assert len(seen) == len(handles)
    for path, calls in seen.items():
        assert len(calls) == 1, path
        assert torch.equal(*calls[0]), path
