"""The four tasks, used alike: raw = engine.forward(...) is slow and cached, decode(...) is fast and pure."""

from __future__ import annotations

import time
from typing import Any

from cvdemo.engine import engine
from cvdemo.registry import ModelSpec
from cvdemo.tasks import classify, detect, pose, segment
from cvdemo.tasks.classify import ClassifyParams
from cvdemo.tasks.detect import DetectParams
from cvdemo.tasks.pose import PoseParams
from cvdemo.tasks.segment import SegmentParams
from cvdemo.types import Image, RawOutput, Timed

Params = ClassifyParams | DetectParams | PoseParams | SegmentParams
_TASKS: dict[str, Any] = {"classify": classify, "detect": detect, "segment": segment, "pose": pose}

__all__ = [
    "ClassifyParams", "DetectParams", "Params", "PoseParams", "SegmentParams", "decode", "default_params", "run",
]  # fmt: skip


def default_params(spec: ModelSpec) -> Any:
    """The parameters a model starts with, of its task's type."""
    return _TASKS[spec.task].default_params(spec)


def decode(spec: ModelSpec, raw: RawOutput, params: Any) -> Any:
    """The result under these parameters: thresholds, class filter, suppression. Never runs a network."""
    return _TASKS[spec.task].decode(spec, raw, params)


def run(spec: ModelSpec, image: Image, params: Any | None = None, *, keep: bool = True) -> Timed[Any]:
    """Forward (cached) and decode a picture. keep: see Engine.forward. Raises WeightsError, DeviceError."""
    params = params or default_params(spec)
    floor = params.people_floor if isinstance(params, PoseParams) else pose.PEOPLE_FLOOR
    raw = engine().forward(spec, image, floor, keep=keep)
    start = time.perf_counter()
    result = decode(spec, raw, params)
    return Timed(
        result=result,
        preprocess_s=raw.preprocess_s,
        forward_s=raw.forward_s,
        postprocess_s=time.perf_counter() - start,
        device=raw.device,
        model=spec.name,
    )
