"""The decoder of a U-Net with and without its skip connections: what each of them adds to the mask."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.crop import content_of, crop_of
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


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """A forward pass with some skips silent. result: its mask. encoder, decoder: stride -> the map there, (C, h, w)
    float32 without the padding; the encoder's coarsest is what the decoder begins with, its others are what the skips
    carry, also the silent ones."""

    result: Segmentation
    encoder: dict[int, NDArray[np.float32]]
    decoder: dict[int, NDArray[np.float32]]


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


def look(spec: ModelSpec, image: Image, off: Collection[int] = ()) -> Pass:
    """One forward pass over the whole view of a picture. off: strides of the skips that carry zeros.

    Raises UsageError for a network without such a decoder, WeightsError, DeviceError.
    """
    import torch

    network = engine().module(spec)
    skips = skips_of(network)
    inputs = network_input(spec, image)
    box = engine().prepare(spec, image).letterboxes[0]
    joined: dict[str, Tensor] = {}
    made: dict[str, Tensor] = {}
    blocks = [f"decoder.blocks.{i}" for i in range(len(network.decoder.blocks))]  # type: ignore[union-attr, arg-type]
    with (
        torch.inference_mode(),
        watching(network, [skip.layer for skip in skips], lambda name, x: joined.update({name: x})),
        watching(network, blocks, lambda name, x: made.update({name: x})),
        without(network, [skip for skip in skips if skip.stride in off]),
    ):
        logits = network(inputs)[0].float().cpu().numpy()
    result = family_of(spec).decode(spec, RawOutput({"logits": logits}, (box,), image.size_hw))
    assert isinstance(result, Segmentation)
    first = skips[0]
    # A block begins by enlarging what comes from below twice, so every second cell is what came.
    encoder = {2 * first.stride: joined[first.layer][0, : first.own, ::2, ::2]}
    encoder |= {skip.stride: joined[skip.layer][0, skip.own :] for skip in skips}
    side = inputs.shape[-1]
    decoder = {side // x.shape[-1]: x[0] for x in made.values()}
    content = content_of(inputs[0].cpu().numpy())

    def shown(maps: dict[int, Tensor]) -> dict[int, NDArray[np.float32]]:
        arrays = {stride: each.float().cpu().numpy() for stride, each in maps.items()}
        return {stride: crop_of(each.shape, box, content).cut(each) for stride, each in arrays.items()}

    return Pass(result, shown(encoder), shown(decoder))


def changed(one: Segmentation, other: Segmentation) -> float:
    """Share of the picture's pixels, 0 to 1, that have another class."""
    return float((one.class_map != other.class_map).mean())


def steps(strides: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The skips that are silent, from all of them to none, the coarsest coming back first. strides: coarsest first."""
    return tuple(tuple(strides[count:]) for count in range(len(strides) + 1))
