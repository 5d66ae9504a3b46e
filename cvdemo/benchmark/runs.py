"""Networks one after the other, each in a fresh process, so that none finds what another has left in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from cvdemo.benchmark.measure import Measured
from cvdemo.errors import BenchmarkError
from cvdemo.registry import ModelSpec

_ROOT = Path(__file__).parents[2]
#: Seconds between two looks at whether to stop.
_LOOK = 0.1


class Stop(Protocol):
    """A threading.Event will do."""

    def is_set(self) -> bool: ...


def measure_all(
    specs: Sequence[ModelSpec],
    seconds: float = 3.0,
    device: str | None = None,
    done: Callable[[Measured | BenchmarkError], None] = lambda _: None,
    stop: Stop | None = None,
) -> list[Measured]:
    """Measure networks; what fails is told to done() and left out of the list.

    device: None keeps what CVDEMO_DEVICE says. done: called after each network. stop: set it to end early.
    """
    measured = []
    for spec in specs:
        if stop is not None and stop.is_set():
            break
        try:
            result: Measured | BenchmarkError | None = _in_a_process(spec, seconds, device, stop)
        except BenchmarkError as error:
            result = error
        if isinstance(result, Measured):
            measured.append(result)
        if result is not None:
            done(result)
    return measured


def _in_a_process(spec: ModelSpec, seconds: float, device: str | None, stop: Stop | None) -> Measured | None:
    """One network; None when it was stopped. Raises BenchmarkError."""
    env = {**os.environ, **({"CVDEMO_DEVICE": device} if device else {})}
    command = [sys.executable, "-m", "cvdemo", "benchmark", "--alone", spec.name, "--seconds", str(seconds)]
    with subprocess.Popen(
        command, env=env, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while True:
            try:
                out, problems = process.communicate(timeout=_LOOK)
                break
            except subprocess.TimeoutExpired:
                if stop is not None and stop.is_set():
                    process.kill()
                    return None
    if process.returncode != 0:
        last = problems.strip().splitlines()[-1:] or ["it ended without a word"]
        raise BenchmarkError(f"{spec.title} could not be measured: {last[0]}")
    return Measured(**json.loads(out.strip().splitlines()[-1]))
