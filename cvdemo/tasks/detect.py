"""Detection: boxes around the things a network knows."""

from __future__ import annotations

from dataclasses import dataclass

from cvdemo.models import family_of
from cvdemo.models.boxes import select
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, RawOutput


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectParams:
    """score_threshold: lowest score shown. iou_threshold: overlap above which the weaker box of a class goes.
    class_ids: classes shown, None for all. max_detections: most boxes shown."""

    score_threshold: float = 0.3
    iou_threshold: float = 0.6
    class_ids: tuple[int, ...] | None = None
    max_detections: int = 100


def default_params(spec: ModelSpec) -> DetectParams:
    """What the model starts with."""
    return DetectParams(score_threshold=spec.score_threshold)


def decode(spec: ModelSpec, raw: RawOutput, params: DetectParams) -> Detections:
    """Boxes in picture pixels by falling score, none outside the picture."""
    candidates = family_of(spec).decode(spec, raw)
    assert isinstance(candidates, Detections)
    return select(
        candidates,
        score_threshold=params.score_threshold,
        iou_threshold=params.iou_threshold,
        class_ids=params.class_ids,
        max_detections=params.max_detections,
    )
