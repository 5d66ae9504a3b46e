"""What every layer answers to a picture, recorded with forward hooks that are gone afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.crop import Content, content_of
from cvdemo.inspect.hooks import watching
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, Letterbox, Prepared

if TYPE_CHECKING:
    from torch import nn

#: Modules that hand their input on, or only rearrange it: nothing to see that their neighbours do not show.
_SILENT = ("Dropout", "Identity", "Flatten", "DropPath")
#: A module with more of the network's leaves than this is looked into for stages.
_LARGE_SHARE = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A module whose output is a stack of feature maps.

    name: its path in the network, as in "backbone.stage3.block2". kind: class and kernel, as in "Conv2d 3x3".
    shape: channels, height, width of its output. leaf: whether it holds no further modules.
    """

    name: str
    kind: str
    shape: tuple[int, int, int]
    leaf: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Survey:
    """The layers of a network in the order in which they run, from one forward pass.

    stages: names of the layers that tell the story from left to right. overview: for each stage (h, w) float32,
    the strength of its answer at every place (L2 norm over the channels). letterboxes: where the inputs lie on
    the picture, one for each item of the batch. content: the part of the item's input that is not black padding.
    """

    layers: tuple[Layer, ...]
    stages: tuple[str, ...]
    overview: dict[str, NDArray[np.float32]]
    letterboxes: tuple[Letterbox, ...]
    content: Content

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises UsageError."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise UsageError(f"This network has no layer '{name}'; choose one from the list.")


def survey(spec: ModelSpec, image: Image, item: int = 0) -> Survey:
    """All layers of a network with their shapes on this picture. item: which of the batch's inputs to follow.

    Costs one forward pass of the item. Raises WeightsError, DeviceError, and UsageError when there is no input.
    """
    module = engine().module(spec)
    prepared = engine().prepare(spec, image)
    stages = _stages(module)
    layers: dict[str, Layer] = {}
    overview: dict[str, NDArray[np.float32]] = {}

    def record(name: str, source: nn.Module, maps: Any) -> None:
        if name in layers:
            return
        leaf = next(source.children(), None) is None
        channels, height, width = maps.shape
        layers[name] = Layer(name=name, kind=_kind(source), shape=(channels, height, width), leaf=leaf)
        if name in stages:
            overview[name] = _numpy((maps.float() ** 2).sum(dim=0).sqrt())

    names = [name for name, source in module.named_modules() if name and type(source).__name__ not in _SILENT]
    with recording(module, names, record):
        _forward(module, prepared, item)
    return Survey(
        layers=tuple(layers.values()),
        stages=_story([layers[name] for name in layers if name in stages]),
        overview=overview,
        letterboxes=prepared.letterboxes,
        content=content_of(prepared.inputs[item]),
    )


def capture(spec: ModelSpec, image: Image, names: list[str], item: int = 0) -> dict[str, NDArray[np.float16]]:
    """The answers of chosen layers: name -> (C, h, w) float16. Costs one forward pass of the item.

    Raises UsageError for a layer that does not exist or has no feature maps, WeightsError, DeviceError.
    """
    module = engine().module(spec)
    known = dict(module.named_modules())
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"{spec.title} has no layer '{unknown[0]}'; choose one from the list.")
    found: dict[str, NDArray[np.float16]] = {}

    def record(name: str, source: nn.Module, maps: Any) -> None:
        if name not in found:
            found[name] = _numpy(maps).clip(-65504, 65504).astype(np.float16)

    with recording(module, names, record):
        _forward(module, engine().prepare(spec, image), item)
    if flat := [name for name in names if name not in found]:
        raise UsageError(f"Layer '{flat[0]}' of {spec.title} has no feature maps; choose another one.")
    return found


@contextmanager
def recording(module: nn.Module, names: list[str], record: Callable[[str, nn.Module, Any], None]) -> Iterator[None]:
    """Hand the (C, h, w) output of the named modules to record(name, module, maps) while the block runs.

    Only forward passes of the calling thread are recorded: others may use the same network meanwhile. The hooks
    are removed on the way out, however it is taken.
    """
    modules = dict(module.named_modules())

    def hook(name: str, output: Any) -> None:
        if output.ndim == 4:
            record(name, modules[name], output.detach()[0])

    with watching(module, names, hook):
        yield


def _forward(module: nn.Module, prepared: Prepared, item: int) -> None:
    import torch

    if item >= len(prepared.inputs):
        raise UsageError("The network was not given anything to look at here; choose a picture with a person on it.")
    device = next(module.parameters()).device
    with torch.inference_mode():
        module(torch.from_numpy(prepared.inputs[item : item + 1].copy()).to(device))


def _stages(module: nn.Module) -> set[str]:
    """Names of modules that divide the network into a handful of parts: whatever holds most of it is opened."""
    leaves = [name for name, m in module.named_modules() if next(m.children(), None) is None]
    found: set[str] = set()

    def open_up(prefix: str, parent: nn.Module) -> None:
        for name, child in parent.named_children():
            path = f"{prefix}{name}"
            inside = sum(leaf == path or leaf.startswith(f"{path}.") for leaf in leaves)
            group = next(child.children(), None) is not None
            if group and (inside > _LARGE_SHARE * len(leaves) or name in ("head", "neck")):
                open_up(f"{path}.", child)
            elif type(child).__name__ not in _SILENT:
                found.add(path)

    open_up("", module)
    return found


def _story(stages: list[Layer]) -> tuple[str, ...]:
    """Stages worth a picture: not a single layer whose follower only normalises or switches what it said."""
    kept: list[Layer] = []
    for layer in stages:
        if layer.shape[1:] == (1, 1):
            continue
        if kept and kept[-1].leaf and kept[-1].shape == layer.shape:
            kept.pop()
        kept.append(layer)
    return tuple(layer.name for layer in kept)


def _kind(module: nn.Module) -> str:
    kernel = getattr(module, "kernel_size", None)
    name = type(module).__name__
    return f"{name} {kernel[0]}x{kernel[1]}" if isinstance(kernel, tuple) and len(kernel) == 2 else name


def _numpy(maps: Any) -> NDArray[np.float32]:
    return np.asarray(maps.float().cpu().numpy(), np.float32)
