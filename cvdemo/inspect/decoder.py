"""The decoder of a U-Net with and without its skip connections: what each of them adds to the mask."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.hooks import watching
from cvdemo.inspect.store import network_input
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, RawOutput, Segmentation

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Skip:
    """A skip connection. layer: where it has just been joined to what comes from below; own: the first of its channels
    there; stride: input pixels a cell."""

    layer: str
    own: int
    stride: int


@dataclass(frozen=True, slots=True)
class Step:
    """A mask with some skips only. skips: strides of those left in. changed: share of the picture's pixels that have
    another class than with all."""

    skips: tuple[int, ...]
    result: Segmentation
    changed: float


@dataclass(frozen=True, slots=True)
class Walk:
    """added: from no skip to all, the coarsest first. without: all but one, the coarsest first."""

    added: tuple[Step, ...]
    without: tuple[Step, ...]


def skips_of(network: nn.Module) -> tuple[Skip, ...]:
    """The skip connections of a U-Net, the coarsest first. Raises UsageError for another network."""
    decoder = getattr(network, "decoder", None)
    widths = getattr(getattr(network, "encoder", None), "out_channels", ())
    if decoder is None or not hasattr(decoder, "blocks"):
        raise UsageError("Only a U-Net has a decoder with skip connections; choose one above.")
    found = []
    for index, block in enumerate(decoder.blocks):
        level = len(widths) - 2 - index  # of the encoder's maps, at stride 2 ** level; the input itself is no skip
        if level >= 1:
            joined = int(block.conv1[0].in_channels)
            found.append(Skip(f"decoder.blocks.{index}.attention1", joined - int(widths[level]), 2**level))
    return tuple(found)


@contextmanager
def without(network: nn.Module, skips: Collection[Skip]) -> Iterator[None]:
    """Within the block these skips carry zeros, in this thread's forward passes."""

    def silence(own: int) -> object:
        def hook(_name: str, joined: Tensor) -> Tensor:
            changed = joined.clone()
            changed[:, own:] = 0
            return changed

        return hook

    with ExitStack() as stack:
        for skip in skips:
            stack.enter_context(watching(network, [skip.layer], silence(skip.own)))  # type: ignore[arg-type]
        yield


def walk(spec: ModelSpec, image: Image) -> Walk:
    """The masks of the whole view of a picture, skip by skip. Raises UsageError, WeightsError, DeviceError."""
    import torch

    network = engine().module(spec)
    skips = skips_of(network)
    inputs = network_input(spec, image)
    box = engine().prepare(spec, image).letterboxes[0]

    def mask(off: Collection[Skip]) -> Segmentation:
        with torch.inference_mode(), without(network, off):
            logits: NDArray[np.float32] = network(inputs)[0].float().cpu().numpy()
        result = family_of(spec).decode(spec, RawOutput({"logits": logits}, (box,), image.size_hw))
        assert isinstance(result, Segmentation)
        return result

    full = mask(())

    def step(off: tuple[Skip, ...]) -> Step:
        result = mask(off) if off else full
        left = tuple(skip.stride for skip in skips if skip not in off)
        return Step(left, result, float((result.class_map != full.class_map).mean()))

    added = tuple(step(skips[count:]) for count in range(len(skips) + 1))
    return Walk(added, tuple(step((skip,)) for skip in skips))
