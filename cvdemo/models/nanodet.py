"""NanoDet: the picture into the network's square, and three grids of predictions back into boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.imaging import letterbox
from cvdemo.models.boxes import strongest, to_detections
from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Prepared, RawOutput

if TYPE_CHECKING:
    from torch import nn

STRIDES = (8, 16, 32)
NUM_BINS = 11
#: In the network's own channel order, BGR.
MEAN_BGR = np.array([103.53, 116.28, 123.675], np.float32)
STD_BGR = np.array([57.375, 57.12, 58.395], np.float32)
#: Scores below this are noise: even the lowest threshold of the pages lies above.
SCORE_FLOOR = 0.005
MAX_CANDIDATES = 1000


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights."""
    from cvdemo.models.nets.nanodet import NanoDet

    return NanoDet().eval()


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """The whole picture in the middle of a black square, turned from RGB to BGR, then normalised."""
    pixels, box = letterbox(image.pixels, spec.input_hw)
    values = (pixels[..., ::-1].astype(np.float32) - MEAN_BGR) / STD_BGR
    return Prepared(np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis]), (box,))


def distances_from_logits(logits: NDArray[np.float32], stride: int) -> NDArray[np.float32]:
    """(4 * NUM_BINS, N) logits -> (4, N) expected distances in input pixels: left, top, right, bottom."""
    bins = logits.reshape(4, NUM_BINS, -1)
    weights = np.exp(bins - bins.max(axis=1, keepdims=True))
    places = np.arange(NUM_BINS, dtype=np.float32)[:, np.newaxis]
    expected: NDArray[np.float32] = (weights * places).sum(axis=1) / weights.sum(axis=1)
    return expected * np.float32(stride)


def decode(spec: ModelSpec, raw: RawOutput) -> Detections:
    """Every class of every cell with a score of at least SCORE_FLOOR, best first, at most MAX_CANDIDATES."""
    boxes, scores, class_ids = [], [], []
    for stride in STRIDES:
        grid = raw.outputs[f"scores{stride}"][0]
        found = strongest(grid, SCORE_FLOOR, MAX_CANDIDATES)
        ids, rows, columns = np.unravel_index(found, grid.shape)
        logits = raw.outputs[f"distances{stride}"][0][:, rows, columns]
        left, top, right, bottom = distances_from_logits(logits, stride)
        x, y = (columns + 0.5) * stride, (rows + 0.5) * stride
        boxes.append(np.stack([x - left, y - top, x + right, y + bottom], axis=1))
        scores.append(grid.ravel()[found])
        class_ids.append(ids)
    merged = np.concatenate(scores)
    best = strongest(merged, SCORE_FLOOR, MAX_CANDIDATES)
    return to_detections(np.concatenate(boxes)[best], merged[best], np.concatenate(class_ids)[best], raw.letterboxes[0])


FAMILY = Family(
    build=build,
    output_names=tuple(f"{kind}{stride}" for stride in STRIDES for kind in ("scores", "distances")),
    preprocess=preprocess,
    decode=decode,
)
