"""What was measured, as Markdown for people and JSON for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from cvdemo.benchmark.measure import BATCHES, SAMPLE, Measured
from cvdemo.registry import REGISTRY
from cvdemo.weights import Accuracy, papers


def machine(measured: Sequence[Measured]) -> dict[str, Any]:
    """What the figures depend on."""
    devices = sorted({row.device for row in measured})
    return {
        "device": ", ".join(devices) or "none",
        "threads": max((row.threads for row in measured), default=0),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": version("torch"),
        "onnxruntime": version("onnxruntime"),
        "picture": SAMPLE,
    }


def accuracy_of(name: str) -> Accuracy | None:
    """The first figure in a network's papers."""
    row = papers(REGISTRY.get(name))
    return row.accuracy[0] if row and row.accuracy else None


def as_json(measured: Sequence[Measured]) -> str:
    """Machine and networks; seconds, pictures a second, bytes."""
    rows = []
    for row in measured:
        figure = accuracy_of(row.name)
        rows.append({**asdict(row), "accuracy": asdict(figure) if figure else None})
    return json.dumps({"machine": machine(measured), "networks": rows}, indent=1) + "\n"


def as_markdown(measured: Sequence[Measured]) -> str:
    """A table with one line a network."""
    facts = machine(measured)
    heads = ["Network", "Task", "Answer p50, ms", "p95, ms", "Forward, ms", "First answer, s"]
    heads += [f"Inputs/s, batch {size}" for size in BATCHES] + ["Peak memory, MB", "Accuracy"]
    lines = [
        f"# Networks on this machine\n\n{facts['device']}, {facts['threads']} of {facts['cores']} cores, "
        f"{facts['system']}, Python {facts['python']}, torch {facts['torch']}, onnxruntime {facts['onnxruntime']}; "
        f"every network looks at the sample photo '{facts['picture']}'. Memory is that of a whole process with one "
        "network in it.\n",
        "| " + " | ".join(heads) + " |",
        "|---|---|" + "--:|" * (len(heads) - 3) + "---|",
    ]
    return "\n".join([*lines, *(_line(row) for row in measured)]) + "\n"


def _line(row: Measured) -> str:
    figure = accuracy_of(row.name)
    cells = [f"`{row.name}`", row.task]
    cells += [f"{value * 1e3:.1f}" for value in (row.p50_s, row.p95_s, row.forward_s)]
    cells += [f"{row.first_s:.1f}", *(f"{row.throughput[str(size)]:.1f}" for size in BATCHES)]
    memory = row.peak_bytes if row.peak_device_bytes is None else row.peak_device_bytes
    cells += [f"{memory / 1e6:.0f}", f"{figure.metric} {figure.value:.3f} on {figure.dataset}" if figure else ""]
    return "| " + " | ".join(cells) + " |"
