"""Forward time of every shipped network, alone or against reference ONNX graphs, in one run.

    python -m benchmarks.forward [--reference DIR] [--threads 1] [--runs 30] [--models NAME ...]

DIR holds NAME.onnx (or NAME-*.onnx) of the same weights. Both take the same input in turn, A B A B, so that a
machine whose speed drifts does not favour one; medians and their ratio are printed. Also prints eager torch, to
show why the CPU does not run it. The last lines are for the garment networks: everything the laboratory page does on
the server to answer one photo of 1600 x 1200 pixels that it has not seen before, from its pixels to the warnings.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.alternate import Run, alternate
from cvdemo.engine import Engine
from cvdemo.fashion.networks import ShippedClassifier, fashion_specs
from cvdemo.fashion.verdict import judge
from cvdemo.fashion_samples import fashion_samples
from cvdemo.imaging import image_from_pixels
from cvdemo.models.garment import prepare_garment
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.samples import load_sample
from cvdemo.settings import Settings, settings
from cvdemo.types import Image
from cvdemo.weights import unavailable_reason


def main() -> None:
    """Print one line a network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, help="folder with ONNX graphs to compare with")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--models", nargs="*", default=[spec.name for spec in REGISTRY])
    options = parser.parse_args()

    import torch

    torch.set_num_threads(options.threads)
    config = Settings(device="cpu", threads=options.threads, cache_dir=settings().cache_dir)
    engine = Engine(config)
    print(f"{'network':20} {'engine ms':>10} {'torch ms':>10} {'reference ms':>13} {'engine/reference':>17}")
    for name in options.models:
        spec = REGISTRY.get(name)
        if unavailable_reason(spec) is None:
            print(_line(engine, spec, options.reference, options.threads, options.runs), flush=True)
    garments = [spec for spec in fashion_specs() if spec.name in options.models]
    if garments:
        print(f"\n{'garment, pixels to answer':30} {'median ms':>10} {'slowest ms':>11}")
    for spec in garments:
        print(_answer_line(spec, options.runs), flush=True)


def _answer_line(spec: ModelSpec, runs: int) -> str:
    """Preparation, network, probabilities and the check for strange pictures, on a new picture every time."""
    network = ShippedClassifier(spec)
    seconds = []
    for number in range(runs + 2):
        image = _garment_photo(number)
        start = time.perf_counter()
        network.answer(image)
        judge(image, prepare_garment(image))
        seconds.append(time.perf_counter() - start)
    return f"{spec.name:30} {statistics.median(seconds[2:]) * 1e3:10.1f} {max(seconds[2:]) * 1e3:11.1f}"


def _garment_photo(number: int) -> Image:
    """A dark garment on a light table, 1600 x 1200, another one for every number."""
    samples = fashion_samples().images
    garment = np.kron(samples[number % len(samples)], np.ones((40, 40), np.uint8))
    photo = np.full((1200, 1600, 3), 220, np.uint8)
    photo[40:1160, 240:1360] -= (garment[..., None] * 0.7).astype(np.uint8)
    return image_from_pixels(photo, f"garment {number}")


def _line(engine: Engine, spec: ModelSpec, reference: Path | None, threads: int, runs: int) -> str:
    import torch

    image = load_sample("street")
    inputs = engine.prepare(spec, image).inputs[:1]
    runtime, module = engine.runtime(spec, inputs), engine.module(spec)
    tensor = torch.tensor(inputs)
    candidates: list[Run] = [lambda: runtime(inputs), lambda: _eager(module, tensor)]
    graph = _reference_graph(reference, spec) if reference else None
    if graph:
        theirs, their_inputs = _reference_run(graph, spec, inputs, threads)
        candidates.append(lambda: theirs(their_inputs))
    times = [statistics.median(taken) for taken in alternate(candidates, runs)]
    ratio = f"{times[0] / times[2]:.2f}" if graph else "-"
    third = f"{times[2] * 1e3:.1f}" if graph else "-"
    return f"{spec.name:20} {times[0] * 1e3:10.1f} {times[1] * 1e3:10.1f} {third:>13} {ratio:>17}"


def _eager(module: Callable[..., object], tensor: object) -> None:
    import torch

    with torch.inference_mode():
        module(tensor)


def _reference_graph(folder: Path, spec: ModelSpec) -> Path | None:
    side = spec.input_hw[0]
    names = (f"{spec.name}.onnx", f"{spec.name}-{side}.onnx")
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _reference_run(
    graph: Path, spec: ModelSpec, inputs: NDArray[np.float32], threads: int
) -> tuple[Callable[[NDArray[np.generic]], object], NDArray[np.generic]]:
    """A session of the reference graph and its input, in the layout and type that it wants."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    wanted = session.get_inputs()[0]
    array = inputs if wanted.shape[1] == 3 else inputs.transpose(0, 2, 3, 1)
    array = np.ascontiguousarray(array.astype(np.int32) if wanted.type == "tensor(int32)" else array)
    return lambda value: session.run(None, {wanted.name: value}), array


if __name__ == "__main__":
    main()
