"""Classification: which of the known classes the picture shows."""

from __future__ import annotations

from dataclasses import dataclass

from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Classification, RawOutput


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyParams:
    """top_k: how many classes to report, best first; the result itself always holds all."""

    top_k: int = 5


def default_params(spec: ModelSpec) -> ClassifyParams:
    """What the model starts with."""
    return ClassifyParams()


def decode(spec: ModelSpec, raw: RawOutput, params: ClassifyParams) -> Classification:
    """Probabilities of all classes."""
    result = family_of(spec).decode(spec, raw)
    assert isinstance(result, Classification)
    return result
