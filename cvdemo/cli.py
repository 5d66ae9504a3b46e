"""The command line: python -m cvdemo predict | video | cutout | models | benchmark | train | evaluate."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from cvdemo import __version__
from cvdemo.benchmark.command import add_command as add_benchmark
from cvdemo.errors import CvdemoError
from cvdemo.registry import REGISTRY, TASKS, ModelSpec
from cvdemo.video_command import add_command as add_video

_STATUS = "exit status: 0 all done, 1 some pictures could not be read, 2 the request could not be carried out"


class _Parser(argparse.ArgumentParser):
    """Answers wrong arguments with one sentence instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status. Raises SystemExit for wrong arguments and --help."""
    arguments = build_parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except CvdemoError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output has closed it (a pipe into head): nothing is wrong, and nothing can be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands. A command sets run, a function of the parsed arguments that returns a status."""
    parser = _Parser(prog="python -m cvdemo", description="See what convolutional networks see.")
    parser.add_argument("--version", action="version", version=f"cvdemo {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_predict(commands)
    _add_cutout(commands)
    _add_models(commands)
    add_benchmark(commands)
    add_video(commands)
    if find_spec("cvdemo.training") and find_spec("cvdemo.training.commands"):
        import_module("cvdemo.training.commands").add_commands(commands)
    return parser


def _add_predict(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "predict",
        help="run a model on pictures and write its answers",
        description="Run a model on pictures and write its answers to OUTPUT/predictions.json; for segment also "
        "OUTPUT/masks and OUTPUT/classes.json. Pictures that cannot be read are listed in OUTPUT/errors.json. "
        "Files of the same name from different folders write NAME.png, NAME-2.png, ...",
        epilog=_STATUS,
    )
    parser.add_argument("--task", choices=TASKS, required=True)
    parser.add_argument("--model", metavar="NAME", help="a name that the command models lists for the task")
    parser.add_argument(
        "--score-threshold",
        type=share,
        metavar="T",
        help="lowest score written, 0 to 1, for detect and pose; the model's own default when not given",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, mps, cuda or cuda:N (default: auto)")
    parser.add_argument("--overlay", action="store_true", help="also write OUTPUT/overlays, the pictures drawn on")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the answers")
    parser.add_argument(
        "inputs",
        type=Path,
        nargs="+",
        metavar="INPUT",
        help="a picture, or a folder: the pictures directly inside it are taken, sorted by name",
    )
    parser.set_defaults(run=_predict)


def _predict(arguments: argparse.Namespace) -> int:
    spec = REGISTRY.get(arguments.model, arguments.task) if arguments.model else REGISTRY.default(arguments.task)
    from cvdemo.batch import Job, check_available

    check_available(spec)
    use_device(arguments.device)
    params = params_for(spec, arguments.score_threshold)
    job = Job(spec=spec, params=params, output=arguments.output, overlays=arguments.overlay)
    return job.run(arguments.inputs)


def params_for(spec: ModelSpec, score_threshold: float | None) -> object:
    """The model's default parameters with that threshold, where its task has one."""
    from cvdemo.tasks import DetectParams, PoseParams, default_params
    from cvdemo.tasks.pose import floor_for

    params = default_params(spec)
    if score_threshold is None:
        return params
    if isinstance(params, DetectParams):
        return replace(params, score_threshold=score_threshold)
    if isinstance(params, PoseParams):
        return replace(params, score_threshold=score_threshold, people_floor=floor_for(score_threshold))
    print(f"--score-threshold changes nothing for {spec.task}.", file=sys.stderr)
    return params


def _add_cutout(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "cutout",
        help="cut classes or people out of pictures, or make them unrecognisable",
        description="Write each picture as OUTPUT/NAME.png at its own size, with what a segmentation network finds of "
        "the classes cut out on nothing, pixelated or blurred. No network finds everything: look at the pictures "
        "before you publish them.",
        epilog=_STATUS.replace("read,", "read or had nothing to cut out,"),
    )
    parser.add_argument(
        "--what",
        default="person",
        metavar="CLASS,...",
        help="classes, separated by commas; person is all that belongs to people (default: person)",
    )
    parser.add_argument("--how", choices=("transparent", "pixelate", "blur"), default="transparent")
    parser.add_argument(
        "--strength",
        type=share,
        default=0.03,
        metavar="S",
        help="of pixelate and blur: a square's side or the blur's width, as a share of the longer side (0.03)",
    )
    parser.add_argument(
        "--model", metavar="NAME", help="a segmentation network; chosen for each picture when not given"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, mps, cuda or cuda:N (default: auto)")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the pictures")
    parser.add_argument("inputs", type=Path, nargs="+", metavar="INPUT", help="a picture, or a folder of pictures")
    parser.set_defaults(run=_cutout)


def _cutout(arguments: argparse.Namespace) -> int:
    from cvdemo.cutouts import CutoutJob

    use_device(arguments.device)
    job = CutoutJob(
        what=tuple(name.strip() for name in arguments.what.split(",") if name.strip()) or ("person",),
        how=arguments.how,
        output=arguments.output,
        model=arguments.model,
        strength=arguments.strength,
    )
    return job.run(arguments.inputs)


def use_device(name: str) -> None:
    """Make this process compute there; auto keeps what CVDEMO_DEVICE says. Raises DeviceError when it is absent."""
    if name == "auto":
        return
    from cvdemo.device import resolve_device
    from cvdemo.engine import engine
    from cvdemo.settings import settings

    resolve_device(name)
    os.environ["CVDEMO_DEVICE"] = name
    settings.cache_clear()
    engine.cache_clear()


def share(text: str) -> float:
    """A number from 0 to 1; anything else is a wrong argument."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 to 1")
    return value


def _add_models(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser("models", help="list the models and what is known about them")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=_models)


def _models(arguments: argparse.Namespace) -> int:
    rows = [describe(spec) for task in TASKS for spec in REGISTRY.of_task(task)]
    if arguments.json:
        print(json.dumps(rows, indent=1))
    else:
        print("\n\n".join(_text(row) for row in rows))
    return 0


def describe(spec: ModelSpec) -> dict[str, object]:
    """What the registry and the weights' papers say of a model, without loading it; unknown things are null."""
    from cvdemo.weights import papers, unavailable_reason

    row, reason = papers(spec), unavailable_reason(spec)
    return {
        "name": spec.name,
        "task": spec.task,
        "title": spec.title,
        "default": spec.default,
        "aliases": list(spec.aliases),
        "parameters": row.parameters if row else None,
        "input_size": list(spec.input_hw),
        "classes": len(spec.class_names),
        "licence": (row.licence if row else spec.licence) or None,
        "weights": f"weights/{spec.weights}",
        "available": reason is None,
        "reason": reason,
        "accuracy": [asdict(figure) for figure in row.accuracy] if row else [],
    }


def _text(row: dict[str, object]) -> str:
    """Three lines for a person."""
    parameters, size, figures = row["parameters"], row["input_size"], row["accuracy"]
    assert isinstance(size, list)
    assert isinstance(figures, list)
    count = f"{parameters / 1e6:.3g} M parameters" if isinstance(parameters, int) else "parameters not known"
    classes = f"{row['classes']} class" + ("" if row["classes"] == 1 else "es")
    licence = row["licence"] or "licence not known"
    accuracy = "".join(f", {f['metric']} {f['value']:.3g} on {f['dataset']} ({f['of']})" for f in figures)
    default = ", default" if row["default"] else ""
    return (
        f"{row['name']}  ({row['task']}{default})  {row['title']}\n"
        f"    {count}, input {size[0]} x {size[1]}, {classes}, {row['weights']}, {licence}\n"
        f"    {'available' if row['available'] else row['reason']}{accuracy}"
    )
