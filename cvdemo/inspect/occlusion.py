"""Occlusion sensitivity (Zeiler and Fergus, arXiv 1311.2901): cover a part of the picture and see what the answer
loses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.progress import Progress, stop_if_set
from cvdemo.inspect.target import Target
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, Letterbox

#: (N, C, H, W) float32 -> the network's outputs by name.
Forward = Callable[[NDArray[np.float32]], Mapping[str, NDArray[np.float32]]]
_BATCH = 4


@dataclass(frozen=True, slots=True, eq=False)
class Occlusion:
    """values: (h, w) float32 over the network's whole input, by how much the target falls when what is there is
    covered, averaged over the patches that cover it; negative where covering helps the answer. score: the target
    uncovered. drops: (rows, columns) float32, one for each place of the patch."""

    values: NDArray[np.float32]
    score: float
    drops: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class OcclusionParams:
    """patch: side of the square that covers, as a part of the picture's longer side. overlap: how often each place is
    covered in each direction; 2 moves the patch by half its side."""

    patch: float = 0.2
    overlap: int = 2


def occlude(
    spec: ModelSpec,
    image: Image,
    target: Target,
    params: OcclusionParams | None = None,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Occlusion:
    """Occlusion sensitivity of a registered model, in batches on the runtime that predictions use.

    Other users' predictions wait for a batch at most. Raises UsageError, CancelledError, WeightsError, DeviceError.
    """
    prepared = engine().prepare(spec, image)
    if not 0 <= target.item < len(prepared.inputs):
        raise UsageError("The network is shown nothing of this picture; choose one with a person in it.")
    names = family_of(spec).output_names
    inputs = prepared.inputs[target.item : target.item + 1]
    runtime = engine().runtime(spec, inputs)

    def forward(batch: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        return dict(zip(names, runtime(batch), strict=False))

    area = picture_area(prepared.letterboxes[target.item])
    return occlusion_map(forward, inputs, target, area, params or OcclusionParams(), progress, cancel)


def occlusion_map(
    forward: Forward,
    inputs: NDArray[np.float32],
    target: Target,
    area: tuple[int, int, int, int],
    params: OcclusionParams,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Occlusion:
    """Cover one patch after the other with the picture's mean colour.

    inputs: (1, C, H, W) float32. area: x0, y0, x1, y1 of the picture in it. progress is called after every batch.
    """
    x0, y0, x1, y1 = area
    side = max(1, round(params.patch * max(x1 - x0, y1 - y0)))
    rows, columns = starts(y0, y1, side, params.overlap), starts(x0, x1, side, params.overlap)
    places = [(y, x) for y in rows for x in columns]
    mean = inputs[0, :, y0:y1, x0:x1].mean(axis=(1, 2))[:, None, None]
    score = float(target.of(forward(inputs))[0])
    scores: list[float] = []
    for first in range(0, len(places), _BATCH):
        stop_if_set(cancel)
        batch = np.repeat(inputs, len(places[first : first + _BATCH]), axis=0)
        for covered, (y, x) in zip(batch, places[first : first + _BATCH], strict=True):
            covered[:, max(y, y0) : min(y + side, y1), max(x, x0) : min(x + side, x1)] = mean
        scores.extend(float(value) for value in target.of(forward(batch)))
        if progress is not None:
            progress(len(scores), len(places))
    drops = (score - np.array(scores)).reshape(len(rows), len(columns)).astype(np.float32)
    return Occlusion(spread(drops, rows, columns, side, area, inputs.shape[2:]), score, drops)


def starts(low: int, high: int, side: int, overlap: int) -> list[int]:
    """First pixels of the patches along an axis: evenly spaced, half of the outermost steps outside, everything covered
    about equally often."""
    step = max(1, side // max(1, overlap))
    return list(range(low - side + step, high, step))


def spread(
    drops: NDArray[np.float32],
    rows: list[int],
    columns: list[int],
    side: int,
    area: tuple[int, int, int, int],
    size_hw: tuple[int, ...],
) -> NDArray[np.float32]:
    """Each pixel's mean drop over the patches that cover it, (H, W) float32; 0 outside of the picture."""
    total, count = np.zeros(size_hw, np.float32), np.zeros(size_hw, np.float32)
    for i, y in enumerate(rows):
        for j, x in enumerate(columns):
            window = np.s_[max(y, 0) : max(y + side, 0), max(x, 0) : max(x + side, 0)]
            total[window] += drops[i, j]
            count[window] += 1
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    x0, y0, x1, y1 = area
    outside = np.ones(size_hw, bool)
    outside[y0:y1, x0:x1] = False
    mean[outside] = 0
    return mean


def picture_area(box: Letterbox) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1: the pixels of the network's input that show the picture."""
    (height, width), (input_h, input_w) = box.size_hw, box.input_hw
    (x0, y0), (x1, y1) = box.to_input(np.array([(0, 0), (width, height)], np.float32))
    x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)  # a mirrored view runs from right to left
    left, top = int(np.clip(np.floor(x0), 0, input_w - 1)), int(np.clip(np.floor(y0), 0, input_h - 1))
    right, bottom = int(np.clip(np.ceil(x1), left + 1, input_w)), int(np.clip(np.ceil(y1), top + 1, input_h))
    return left, top, right, bottom
