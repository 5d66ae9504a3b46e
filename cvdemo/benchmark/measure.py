"""Time and memory of one network. Meant for a process of its own: what it measures includes all that this one holds."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.imaging import image_from_pixels
from cvdemo.registry import ModelSpec
from cvdemo.samples import load_sample
from cvdemo.settings import settings
from cvdemo.types import Image

#: Pictures that one forward pass takes when throughput is measured.
BATCHES = (1, 4, 16)
#: The photo that every network looks at; a network that sees one person at a time sees those of this one.
SAMPLE = "street"
_LEAST_RUNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of a network, in seconds, pictures a second and bytes.

    first_s: the first answer, with loading. p50_s, p95_s: of a whole answer to a new picture (preparation, forward
    pass, decoding), over runs pictures. forward_s: median of the forward passes among them. throughput: size of the
    batch -> inputs a second through the forward pass; for top-down pose an input is a person. peak_bytes: most memory
    of the whole process, peak_device_bytes: of the network's tensors on a GPU, None on the CPU.
    """

    name: str
    task: str
    title: str
    device: str
    threads: int
    runs: int
    first_s: float
    p50_s: float
    p95_s: float
    forward_s: float
    throughput: dict[str, float]
    peak_bytes: int
    peak_device_bytes: int | None = None


def measure(spec: ModelSpec, seconds: float = 3.0) -> Measured:
    """Measure a network for about that long in each of its parts. Raises WeightsError, DeviceError."""
    start = time.perf_counter()
    tasks.run(spec, _picture(0))
    first_s = time.perf_counter() - start
    answers, forwards = _answers(spec, seconds)
    throughput = {str(size): _throughput(spec, size, seconds / len(BATCHES)) for size in BATCHES}
    return Measured(
        name=spec.name,
        task=spec.task,
        title=spec.title,
        device=engine().device,
        threads=settings().threads,
        runs=len(answers),
        first_s=first_s,
        p50_s=float(np.quantile(answers, 0.5)),
        p95_s=float(np.quantile(answers, 0.95)),
        forward_s=float(np.median(forwards)),
        throughput=throughput,
        peak_bytes=_peak_bytes(),
        peak_device_bytes=_peak_device_bytes(engine().device),
    )


def _picture(number: int) -> Image:
    """The sample photo, another one for every number: the engine answers a picture that it knows from memory."""
    pixels = load_sample(SAMPLE).pixels.copy()
    pixels[0, 0] = (number % 256, number // 256 % 256, 128)
    return image_from_pixels(pixels, SAMPLE)


def _answers(spec: ModelSpec, seconds: float) -> tuple[list[float], list[float]]:
    """Seconds of whole answers and of the forward passes in them."""
    answers: list[float] = []
    forwards: list[float] = []
    while len(answers) < _LEAST_RUNS or sum(answers) < seconds:
        image = _picture(len(answers) + 1)
        start = time.perf_counter()
        timed = tasks.run(spec, image)
        answers.append(time.perf_counter() - start)
        forwards.append(timed.forward_s)
    return answers, forwards


def _throughput(spec: ModelSpec, size: int, seconds: float) -> float:
    """Inputs a second with that many in a forward pass."""
    one = engine().prepare(spec, _picture(0)).inputs[:1]
    runtime, batch = engine().runtime(spec, one), np.repeat(one, size, axis=0)
    runtime(batch)
    runs, start = 0, time.perf_counter()
    while runs < _LEAST_RUNS or time.perf_counter() - start < seconds:
        runtime(batch)
        runs += 1
    return runs * size / (time.perf_counter() - start)


def _peak_bytes() -> int:
    """Most memory this process has had, what it shares with others included; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _peak_device_bytes(device: str) -> int | None:
    if not device.startswith("cuda"):
        return None
    import torch

    return torch.cuda.max_memory_allocated(device)
