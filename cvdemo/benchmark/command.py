"""The command benchmark. Importing this loads no torch."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cvdemo.errors import BenchmarkError
from cvdemo.registry import REGISTRY

if TYPE_CHECKING:
    from cvdemo.benchmark.measure import Measured


def add_command(commands: Any) -> None:
    """Add benchmark to the commands of python -m cvdemo."""
    parser = commands.add_parser(
        "benchmark",
        help="measure speed and memory of the networks on this machine",
        description="Measure networks one after the other, each in a process of its own: median and 95th percentile of "
        "a whole answer, inputs a second at several batch sizes, peak memory. With --output also writes "
        "DIR/benchmark.md and DIR/benchmark.json.",
        epilog="exit status: 0 all measured, 1 some could not be, 2 the request could not be carried out",
    )
    parser.add_argument("--models", nargs="+", metavar="NAME", help="which networks (default: all that are here)")
    parser.add_argument("--device", default="auto", help="auto, cpu, mps, cuda or cuda:N (default: auto)")
    parser.add_argument("--seconds", type=_seconds, default=3.0, help="how long each part is measured (default: 3)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder for the report")
    parser.add_argument("--alone", metavar="NAME", help=argparse.SUPPRESS)  # what each process is asked for
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.alone:
        from cvdemo.benchmark.measure import measure

        print(json.dumps(asdict(measure(REGISTRY.get(arguments.alone), arguments.seconds))))
        return 0
    return _all(arguments)


def _all(arguments: argparse.Namespace) -> int:
    from cvdemo.benchmark import report
    from cvdemo.benchmark.runs import measure_all
    from cvdemo.device import resolve_device
    from cvdemo.weights import unavailable_reason

    if arguments.device != "auto":
        resolve_device(arguments.device)
    specs = [REGISTRY.get(name) for name in arguments.models or ()]
    specs = specs or [spec for spec in REGISTRY if unavailable_reason(spec) is None]
    device = None if arguments.device == "auto" else arguments.device
    measured = measure_all(specs, arguments.seconds, device, _tell)
    print(f"\n{report.as_markdown(measured)}", end="")
    if arguments.output:
        _write(arguments.output, report.as_markdown(measured), report.as_json(measured))
    return 0 if len(measured) == len(specs) else 1


def _tell(result: Measured | BenchmarkError) -> None:
    if isinstance(result, BenchmarkError):
        print(result, file=sys.stderr)
    else:
        print(f"{result.name:20} {result.p50_s * 1e3:8.1f} ms", file=sys.stderr, flush=True)


def _write(folder: Path, markdown: str, data: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "benchmark.md").write_text(markdown, encoding="utf-8")
        (folder / "benchmark.json").write_text(data, encoding="utf-8")
    except OSError as error:
        raise BenchmarkError(f"'{folder}' cannot be written to ({error.strerror}); choose another folder.") from error


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 600:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds up to 600")
    return value
