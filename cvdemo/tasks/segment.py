"""Segmentation: one class for every pixel."""

from __future__ import annotations

from dataclasses import dataclass

from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import RawOutput, Segmentation


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentParams:
    """Nothing changes the class map once the network has spoken; what is drawn of it is the page's business."""


def default_params(spec: ModelSpec) -> SegmentParams:
    """What the model starts with."""
    return SegmentParams()


def decode(spec: ModelSpec, raw: RawOutput, params: SegmentParams) -> Segmentation:
    """The class map at the picture's own size, and probabilities at the network's resolution."""
    result = family_of(spec).decode(spec, raw)
    assert isinstance(result, Segmentation)
    return result
