"""What every family of networks provides, so that one engine and one set of pages serve them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Prepared, RawOutput, Result

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The code of a family of networks.

    build: spec -> nn.Module without weights, on the CPU. Its forward takes (N, C, H, W) float32 and returns a tuple
        of tensors in the order of output_names. Imports torch inside, so that decoding alone never loads it.
    output_names: names of the outputs in RawOutput.outputs.
    preprocess: (spec, image, people) -> Prepared; people is given to top-down families only (spec.detector).
    decode: (spec, raw) -> the task's result with every candidate still in it, in picture pixels; thresholds,
        class filters and NMS follow in cvdemo.tasks. numpy only.
    dynamic_hw: whether input height and width change from picture to picture.
    at_once: most inputs that one forward pass takes, where the memory of many would be too much; None for all.
    load: spec -> the nn.Module with its weights, where these are no state dict of the project's own.
    """

    build: Callable[[ModelSpec], nn.Module]
    output_names: tuple[str, ...]
    preprocess: Callable[[ModelSpec, Image, Detections | None], Prepared]
    decode: Callable[[ModelSpec, RawOutput], Result]
    dynamic_hw: bool = False
    at_once: int | None = None
    load: Callable[[ModelSpec], nn.Module] | None = None
