"""`evaluate segment` and `calibrate segment`: what they print. Importing this loads no torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cvdemo.errors import UsageError
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.training.segment_recipes import RECIPES

if TYPE_CHECKING:
    from cvdemo.training.evaluate import Evaluation


def evaluate_segment(data: Path, model: str = "unet-street", split: str = "val", *, tta: bool = False) -> int:
    """Print a segmentation network's mean IoU, IoU by class and pixel accuracy; returns the exit status.

    tta: also of the average over several sizes and mirror images, see cvdemo.training.tta.
    """
    from cvdemo.training import evaluate

    spec = REGISTRY.get(model, "segment")
    result = evaluate.evaluate_segment(spec, data, split)
    print(f"{spec.name} on {result.pictures} pictures of {split}")
    _print(spec, result)
    if tta:
        from cvdemo.training.tta import SCALES

        sizes = ", ".join(f"{scale:g}" for scale in SCALES)
        print(f"\nthe same averaged over the sizes {sizes}, each also mirrored")
        _print(spec, evaluate.evaluate_segment(spec, data, split, tta=True))
    return 0


def _print(spec: ModelSpec, result: Evaluation) -> None:
    from cvdemo.training.metrics import person_iou

    print(f"mIoU            {result.matrix.miou():.4f}")
    print(f"pixel accuracy  {result.matrix.accuracy():.4f}")
    if (person := person_iou(result.matrix, spec.class_names)) is not None:
        print(f"person IoU      {person:.4f}")
    for name, value in zip(spec.class_names, result.matrix.iou(), strict=True):
        print(f"  IoU {name:<14} {value:.4f}")
    print(f"time per image  {result.seconds * 1000:.1f} ms")


def calibrate_segment(data: Path, model: str = "unet-street", split: str = "val", *, save: bool = False) -> int:
    """Print from which doubtful share on a network calls a photo strange, and how often that is a false alarm;
    returns the exit status. save: also write it where the pages read it. Raises UsageError."""
    from cvdemo.tasks.certainty import DOUBTFUL, FALSE_ALARM_RATE
    from cvdemo.training.calibrate import FILE, calibrate, record

    if model not in RECIPES:
        raise UsageError(f"'{model}' has no subject of its own; choose one of: {', '.join(RECIPES)}.")
    spec = REGISTRY.get(model, "segment")
    found = calibrate(spec, data, split)
    print(f"{spec.name} on {found.pictures} pictures of {split}; doubtful: no class has {DOUBTFUL:g}")
    print(f"limit           {found.limit:.4f} of the pixels doubtful")
    print(f"false alarms    {found.measured:.4f} measured by halves (set to {FALSE_ALARM_RATE:g})")
    if save:
        record(spec, found)
        print(f"wrote {FILE.name}")
    return 0
