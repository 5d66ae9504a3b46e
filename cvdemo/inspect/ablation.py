"""What if: switch channels of a layer off and see the answer change; find the channels that an answer rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.hooks import watching
from cvdemo.inspect.progress import Progress, stop_if_set
from cvdemo.inspect.store import network_input
from cvdemo.inspect.target import Target
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, RawOutput

if TYPE_CHECKING:
    from torch import Tensor, nn

#: zero: the channel says nothing anywhere. mean: it says the same everywhere, its average on this picture.
Fill = Literal["zero", "mean"]
_BATCH = 4


@dataclass(frozen=True, slots=True, eq=False)
class Ablation:
    """before, after: the network's outputs with all channels and without the chosen ones, from the same code on the
    same device, ready for cvdemo.tasks.decode."""

    before: RawOutput
    after: RawOutput


@contextmanager
def ablating(network: nn.Module, layer: str, channels: Collection[int], fill: Fill = "zero") -> Iterator[None]:
    """Within the block, a layer's channels are switched off in this thread's forward passes.

    Raises UsageError for a layer or, in the forward pass, a channel that does not exist.
    """

    def switch_off(name: str, output: Tensor) -> Tensor:
        return without(output, channels, fill, name)

    with watching(network, [layer], switch_off):
        yield


def without(output: Tensor, channels: Collection[int], fill: Fill, layer: str = "") -> Tensor:
    """A copy of (N, C, h, w) maps without some channels. Raises UsageError."""
    import torch

    count = output.shape[1] if output.ndim == 4 else 0
    if not count:
        raise UsageError(f"Layer '{layer}' has no feature maps; choose another one.")
    if wrong := [channel for channel in channels if not 0 <= channel < count]:
        raise UsageError(f"Layer '{layer}' has channels 0 to {count - 1}, not {wrong[0]}; choose one of them.")
    changed = output.clone()
    index = torch.tensor(sorted(channels), device=output.device, dtype=torch.long)
    changed[:, index] = output[:, index].mean(dim=(2, 3), keepdim=True) if fill == "mean" else 0.0
    return changed


def ablate(
    spec: ModelSpec,
    image: Image,
    layer: str,
    channels: Collection[int],
    fill: Fill = "zero",
    before: RawOutput | None = None,
) -> Ablation:
    """Outputs of a registered model for a picture with and without some channels of a layer.

    before: of an earlier Ablation of the same picture and model, to save that pass. Raises UsageError, WeightsError,
    DeviceError.
    """
    network = engine().module(spec)
    before = before or _outputs(spec, image, network)
    with ablating(network, layer, channels, fill):
        after = _outputs(spec, image, network)
    return Ablation(before, after)


def _outputs(spec: ModelSpec, image: Image, network: nn.Module) -> RawOutput:
    """One pass through the inspected network, of all inputs that the picture makes."""
    import torch

    raw = engine().forward(spec, image)
    inputs = engine().prepare(spec, image).inputs
    if not len(inputs):
        return raw
    with torch.inference_mode():
        outputs = network(torch.tensor(inputs, device=engine().device))
    named = zip(family_of(spec).output_names, outputs, strict=False)
    return replace(raw, outputs={name: output.float().cpu().numpy() for name, output in named})


@dataclass(frozen=True, slots=True)
class ChannelEffect:
    """estimated: by how much the target should fall without the channel, from its gradient. measured: by how much it
    does fall; negative where the answer gets stronger without it."""

    channel: int
    estimated: float
    measured: float


def important_channels(
    spec: ModelSpec,
    image: Image,
    target: Target,
    layer: str,
    count: int = 8,
    fill: Fill = "zero",
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> list[ChannelEffect]:
    """The channels of a layer without which an answer loses most, the most important first.

    Raises UsageError, CancelledError, WeightsError, DeviceError.
    """
    network, names = engine().module(spec), family_of(spec).output_names
    inputs = network_input(spec, image, target.item)
    return rank_channels(network, names, inputs, target, layer, count, fill, progress, cancel)


def rank_channels(
    network: nn.Module,
    names: tuple[str, ...],
    inputs: Tensor,
    target: Target,
    layer: str,
    count: int,
    fill: Fill = "zero",
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> list[ChannelEffect]:
    """Gradient x activation picks 2 x count candidates (the first-order estimate of Molchanov et al., arXiv
    1611.06440); each of them is then really switched off, and what that does decides.

    inputs: (1, C, H, W) on the network's device.
    """
    from cvdemo.inspect.gradients import Scored, activation_and_gradient

    scored = Scored(network, names, target, layer)
    try:
        score, activations, gradient = activation_and_gradient(scored, inputs)
    except RuntimeError as error:
        raise UsageError(f"This answer does not depend on layer '{layer}'; choose an earlier one.") from error
    if activations.ndim != 3:
        raise UsageError(f"Layer '{layer}' has no feature maps; choose another one.")
    if fill == "mean":
        activations = activations - activations.mean(dim=(1, 2), keepdim=True)
    estimates = (gradient * activations).sum(dim=(1, 2)).cpu().numpy()
    candidates = [int(channel) for channel in np.argsort(-estimates, kind="stable")[: 2 * count]]
    measured: list[float] = []
    for first in range(0, len(candidates), _BATCH):
        stop_if_set(cancel)
        chosen = candidates[first : first + _BATCH]
        measured.extend((score - _scores_without(network, names, inputs, target, layer, chosen, fill)).tolist())
        if progress is not None:
            progress(len(measured), len(candidates))
    effects = [
        ChannelEffect(channel, float(estimates[channel]), float(drop))
        for channel, drop in zip(candidates, measured, strict=True)
    ]
    return sorted(effects, key=lambda effect: -effect.measured)[:count]


def _scores_without(
    network: nn.Module,
    names: tuple[str, ...],
    inputs: Tensor,
    target: Target,
    layer: str,
    channels: list[int],
    fill: Fill,
) -> NDArray[np.float64]:
    """The target without each of the channels in turn, in one batch."""
    import torch

    def one_each(name: str, output: Tensor) -> Tensor:
        parts = [without(output[i : i + 1], [channel], fill, name) for i, channel in enumerate(channels)]
        return torch.cat(parts)

    batch = inputs.expand(len(channels), -1, -1, -1)
    with torch.inference_mode(), watching(network, [layer], one_each):
        outputs = network(batch)
    scores = target.of(dict(zip(names, outputs, strict=False)))
    return np.asarray(scores.double().cpu().numpy())
