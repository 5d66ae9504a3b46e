"""Two ways to run a network's forward pass: torch on a GPU, an exported graph on ONNX Runtime on the CPU.

Eager torch takes two to four times as long as ONNX Runtime for one picture on a CPU, so there the module is
exported once, in memory, and kept in the cache folder. The safetensors file stays the only source of weights.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from cvdemo.models.family import Family

if TYPE_CHECKING:
    from torch import nn

_OPSET = 17
_EXPORTING = threading.Lock()


class Runtime(Protocol):
    """Runs a batch: (N, C, H, W) float32 -> the outputs in the family's order, float32."""

    def __call__(self, inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]: ...


class TorchRuntime:
    """The module itself on a GPU: channels last, half precision on CUDA only."""

    def __init__(self, module: nn.Module, device: str) -> None:
        import torch

        self._dtype = torch.float16 if device.startswith("cuda") else torch.float32
        self._device = device
        self._module = module.to(device, self._dtype).to(memory_format=torch.channels_last)

    def __call__(self, inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        import torch

        with torch.inference_mode():
            batch = torch.tensor(inputs, device=self._device, dtype=self._dtype)
            outputs = self._module(batch.contiguous(memory_format=torch.channels_last))
            return [output.float().cpu().numpy() for output in outputs]


class OnnxRuntime:
    """An exported graph on the CPU."""

    def __init__(self, graph: bytes, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Waiting threads would spin and take the cores from other people's requests.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return [np.asarray(output, np.float32) for output in self._session.run(None, {self._input: inputs})]


def export_graph(module: nn.Module, family: Family, example: NDArray[np.float32]) -> bytes:
    """The module as an ONNX graph with a free batch axis, and free height and width if the family says so."""
    import torch

    axes = {0: "batch", 2: "height", 3: "width"} if family.dynamic_hw else {0: "batch"}
    # The exporter keeps its state in globals: two exports at once, even of different networks, break each other.
    with _EXPORTING:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # the exporter's many small operations cost ten times as much on a busy pool
        try:
            with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "graph.onnx"
                warnings.simplefilter("ignore")  # tracer notes on shapes that are constant by design
                torch.onnx.export(
                    module,
                    (torch.tensor(example),),
                    path,
                    dynamo=False,
                    opset_version=_OPSET,
                    input_names=["inputs"],
                    output_names=list(family.output_names),
                    dynamic_axes={"inputs": axes, **{name: {0: "batch"} for name in family.output_names}},
                )
                return path.read_bytes()
        finally:
            torch.set_num_threads(threads)


def graph_key(family: Family, weights_sha256: str) -> str:
    """Changes whenever the exported graph would: with the weights, the family's code, torch, or the shape rules."""
    digest = hashlib.sha256(weights_sha256.encode())
    digest.update(f"{version('torch')} {_OPSET} {family.dynamic_hw}".encode())
    package = Path(inspect.getfile(Family)).parent
    for source in sorted(package.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:24]


def cached_graph(folder: Path | None, name: str, key: str, export: Callable[[], bytes]) -> bytes:
    """The graph from the cache folder, else exported and put there. A damaged or unwritable cache only costs time."""
    if folder is None:
        return export()
    path = folder / "graphs" / f"{name}-{key}.onnx"
    try:
        stamp, graph = path.with_suffix(".sha256").read_text(), path.read_bytes()
        if hashlib.sha256(graph).hexdigest() == stamp:
            return graph
    except OSError:
        pass  # not there yet, or not readable: export it
    graph = export()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{name}-*"):
            old.unlink(missing_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(graph)
        partial.replace(path)
        path.with_suffix(".sha256").write_text(hashlib.sha256(graph).hexdigest())
    except OSError as error:
        print(f"cvdemo: graph of {name} not cached in {folder}: {error}", file=sys.stderr)
    return graph
