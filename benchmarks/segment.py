"""Forward time of the segmentation networks against plain onnxruntime on the same weights, in one run.

    python -m benchmarks.segment [--threads 1 2] [--runs 20] [--models unet-street unet-clothing]

unet-street sees a CamVid frame of 480 x 360, unet-clothing a webcam frame of 640 x 480. "engine" is what the app runs;
"onnxruntime" is a session of its own of the same exported graph, with onnxruntime's default options but for the number
of threads. Both take the same input in turn, A B A B, so that a machine whose
speed drifts does not favour one; medians, the fastest of each and the ratio of the medians are printed, and the largest
difference between the two outputs. "torch" is the module itself, eager.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.alternate import alternate
from cvdemo.engine import Engine
from cvdemo.imaging import image_from_pixels
from cvdemo.models import family_of
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.runtime import export_graph
from cvdemo.samples import load_sample
from cvdemo.settings import Settings, settings
from cvdemo.types import Image
from cvdemo.weights import unavailable_reason

if TYPE_CHECKING:
    from torch import nn

#: Width and height of the frame that a network is timed on, by what it learnt.
FRAMES = {"camvid": (480, 360), "clothing": (640, 480)}


def main() -> None:
    """Print one line a network and number of threads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--models", nargs="+", default=["unet-street", "unet-clothing"])
    options = parser.parse_args()
    print("milliseconds, median (fastest)")
    print(
        f"{'network':15} {'frame':>9} {'input':>9} {'threads':>7} {'engine':>17} {'onnxruntime':>17} {'ratio':>6} "
        f"{'torch':>17} {'difference':>10}"
    )
    for name in options.models:
        spec = REGISTRY.get(name, "segment")
        if reason := unavailable_reason(spec):
            print(f"{name}: {reason}")
            continue
        for threads in options.threads:
            print(line(spec, threads, options.runs), flush=True)


def line(spec: ModelSpec, threads: int, runs: int) -> str:
    """Measure a network with that many threads."""
    import torch

    torch.set_num_threads(threads)
    engine = Engine(Settings(device="cpu", threads=threads, cache_dir=settings().cache_dir))
    image = _frame(spec)
    inputs = engine.prepare(spec, image).inputs
    runtime, module, tensor = engine.runtime(spec, inputs), engine.module(spec), torch.tensor(inputs)
    reference = _plain_session(spec, module, inputs, threads)

    def eager() -> object:
        with torch.inference_mode():
            return module(tensor)

    difference = float(np.abs(runtime(inputs)[0] - reference(inputs)).max())
    taken = alternate([lambda: runtime(inputs), lambda: reference(inputs), eager], runs)
    ours, theirs, torchs = (f"{statistics.median(t) * 1e3:8.1f} ({min(t) * 1e3:6.1f})" for t in taken)
    ratio = statistics.median(taken[0]) / statistics.median(taken[1])
    (height, width), (rows, columns) = image.size_hw, inputs.shape[2:]
    return (
        f"{spec.name:15} {f'{width}x{height}':>9} {f'{columns}x{rows}':>9} {threads:>7} {ours:>17} {theirs:>17} "
        f"{ratio:6.2f} {torchs:>17} {difference:10.1e}"
    )


def _frame(spec: ModelSpec) -> Image:
    """The street sample, cropped and scaled to the frame."""
    import cv2

    width, height = FRAMES[spec.labels]
    pixels = load_sample("street").pixels
    rows = pixels.shape[1] * height // width
    top = (len(pixels) - rows) // 2
    scaled = cv2.resize(pixels[top : top + rows], (width, height), interpolation=cv2.INTER_AREA)
    return image_from_pixels(np.asarray(scaled, np.uint8), "frame")


def _plain_session(
    spec: ModelSpec, module: nn.Module, inputs: NDArray[np.float32], threads: int
) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """A session of the same graph that has nothing to do with the app's own."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    graph = export_graph(module, family_of(spec), inputs)
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda value: np.asarray(session.run(None, {name: value})[0])


if __name__ == "__main__":
    main()
