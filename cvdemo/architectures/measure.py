"""How long a network takes on this machine, whether or not its weights are here.

Time depends on the shapes of the numbers and not on their values, so a network without its weights is timed with the
random ones it is built with. Its answers are thrown away: an untrained network never predicts anything.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from cvdemo.architectures.anatomy import anatomy
from cvdemo.engine import engine
from cvdemo.errors import CvdemoError
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.settings import settings
from cvdemo.types import Image

if TYPE_CHECKING:
    from torch import nn

#: Seconds of measuring after the first pass; at least MIN_RUNS are made.
BUDGET_SECONDS = 1.0
MIN_RUNS, MAX_RUNS = 3, 30
_one_at_a_time = threading.Lock()


class TooLittleMemoryError(CvdemoError):
    """The network does not fit into the memory that is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """forward_s: median seconds of a forward pass of one picture in torch. fastest_s, slowest_s: of all runs.
    prepare_s: of making the input from the picture. runs: how many passes. threads: of the CPU (0 on another device).
    picture: its name."""

    forward_s: float
    fastest_s: float
    slowest_s: float
    prepare_s: float
    runs: int
    threads: int
    device: str
    picture: str


def measure(spec: ModelSpec, image: Image, budget_s: float = BUDGET_SECONDS) -> Measurement:
    """Time a registered network on a picture in torch, float32, batch 1, with the threads of the settings.

    One measurement runs at a time. Raises TooLittleMemoryError, DeviceError.
    """
    begin = time.perf_counter()
    inputs = family_of(spec).preprocess(spec, image, None).inputs
    prepare_s = time.perf_counter() - begin
    with _one_at_a_time:
        _check_memory(spec)
        module = family_of(spec).build(spec).eval().requires_grad_(False)
        device, threads = engine().device, settings().threads
        seconds = _timed_runs(module, inputs, device, threads, budget_s)
    return Measurement(
        forward_s=median(seconds),
        fastest_s=min(seconds),
        slowest_s=max(seconds),
        prepare_s=prepare_s,
        runs=len(seconds),
        threads=threads if device == "cpu" else 0,
        device=device,
        picture=image.name,
    )


def _timed_runs(module: nn.Module, inputs: object, device: str, threads: int, budget_s: float) -> list[float]:
    import torch

    usual = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        module = module.to(device)
        batch = torch.tensor(inputs, device=device)
        seconds: list[float] = []
        with torch.inference_mode():
            module(batch)  # the first pass also sets things up
            while len(seconds) < MIN_RUNS or (sum(seconds) < budget_s and len(seconds) < MAX_RUNS):
                begin = time.perf_counter()
                module(batch)[0].sum().item()  # item() waits for the device
                seconds.append(time.perf_counter() - begin)
        return seconds
    finally:
        torch.set_num_threads(usual)


def _check_memory(spec: ModelSpec) -> None:
    """Refuse before the operating system has to."""
    built = anatomy(spec)
    needed = 1.3 * (built.weight_bytes + built.map_bytes) + 200e6
    free = free_memory()
    if free is not None and free < needed:
        raise TooLittleMemoryError(
            f"Timing {spec.title} takes {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free; "
            "close other programs and try again."
        )


def free_memory(info: Path = Path("/proc/meminfo")) -> float | None:
    """Bytes that programs can still take, None where the system does not say."""
    try:
        lines = info.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
