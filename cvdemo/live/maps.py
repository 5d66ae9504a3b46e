"""Feature maps of a stream: the answer and a layer's channels from one and the same forward pass."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.imaging import image_from_pixels
from cvdemo.inspect.hooks import watching
from cvdemo.inspect.layers import Layer
from cvdemo.inspect.tree import tree_of
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Letterbox, RawOutput
from cvdemo.viz.features import by_activity, crop_to_picture, sprite

#: The layer in the middle of the way from picture to answer.
AUTO = "auto"
#: Longest side of a channel's tile in pixels.
TILE_SIDE = 72


def layers_of(spec: ModelSpec) -> tuple[Layer, ...]:
    """The layers on offer: one for each step from picture to answer. Raises WeightsError, DeviceError."""
    side = max(spec.input_hw)
    alone = replace(spec, detector=None)  # one person who fills the picture is as good as any for the layers
    return tree_of(alone, image_from_pixels(np.full((side, side, 3), 127, np.uint8))).stages()


def choose_layer(layers: tuple[Layer, ...], name: str) -> str:
    """The layer of that name, the one in the middle for AUTO. Raises UsageError."""
    names = [layer.name for layer in layers]
    if name == AUTO and names:
        return names[len(names) // 2]
    if name not in names:
        raise UsageError(f"This network has no layer '{name}'; choose one from the list.")
    return name


def forward_with_maps(
    spec: ModelSpec, image: Image, people: Detections | None, layer: str
) -> tuple[RawOutput, NDArray[np.float32] | None]:
    """The outputs, and the layer's (C, h, w) answer to the first input; None where there was no input.

    Runs the network that the inspector shares, in PyTorch and so more slowly than without maps. The hook is gone
    when this returns, and sees nothing of other threads meanwhile.
    """
    family, start = family_of(spec), time.perf_counter()
    prepared = family.preprocess(spec, image, people)
    count, ready = len(prepared.inputs), time.perf_counter()
    if not count:
        return engine().forward_once(spec, image, people), None
    found: list[NDArray[np.float32]] = []
    with engine().streaming(spec):
        module, begin = engine().module(spec), time.perf_counter()
        outputs = _run(module, prepared.inputs, layer, found)
    raw = RawOutput(
        outputs=dict(zip(family.output_names, outputs, strict=True)),
        letterboxes=prepared.letterboxes,
        size_hw=image.size_hw,
        people=people,
        preprocess_s=ready - start,
        forward_s=time.perf_counter() - begin,
        device=engine().device,
    )
    return raw, found[0] if found else None


def _run(module: Any, inputs: NDArray[np.float32], layer: str, found: list[NDArray[np.float32]]) -> list[Any]:
    import torch

    def keep(_layer: str, output: torch.Tensor) -> None:
        found.append(output.detach()[0].float().cpu().numpy().copy())

    with torch.inference_mode(), watching(module, [layer], keep):
        outputs = module(torch.tensor(inputs, device=engine().device))
        return [output.float().cpu().numpy() for output in outputs]


class Strip:
    """The channels of one layer that are shown, the same from frame to frame so that they can be followed by eye."""

    def __init__(self) -> None:
        self._chosen: tuple[int, ...] = ()
        self._key: tuple[object, ...] = ()

    def draw(
        self, maps: NDArray[np.float32], letterbox: Letterbox, count: int, key: tuple[object, ...]
    ) -> tuple[dict[str, Any], bytes]:
        """Layout and PNG of the tiles. key: when it changes, the channels that vary most are chosen anew."""
        seen = crop_to_picture(maps, letterbox)
        if key != self._key or max(self._chosen, default=0) >= len(maps):
            self._chosen, self._key = by_activity(seen)[:count], key
        tiles = sprite(seen, tile_side=TILE_SIDE, channels=self._chosen, columns=len(self._chosen), gap=0)
        layout = {
            "channels": list(tiles.channels),
            "tile": list(tiles.tile_hw),
            "box": _covered(letterbox),
            "shape": list(maps.shape),
        }
        return layout, tiles.png()


def _covered(letterbox: Letterbox) -> list[float]:
    """The part of the picture that the tiles show: left, top, right, bottom in picture pixels."""
    height, width = letterbox.input_hw
    ends = letterbox.to_image(np.array([(0, 0), (width, height)], np.float32))
    limits = np.array(letterbox.size_hw[::-1], np.float32)
    return [round(float(v), 1) for v in np.clip(ends, 0, limits).ravel()]
