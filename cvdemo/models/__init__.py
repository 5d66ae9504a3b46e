"""The networks, one module per family: nn.Module, preprocessing and decoding side by side."""

from __future__ import annotations

from importlib import import_module

from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec


def family_of(spec: ModelSpec) -> Family:
    """The code of a model: its family's module is imported on first use, so that torch loads late."""
    family: Family = import_module(f"cvdemo.models.{spec.family}").FAMILY
    return family
