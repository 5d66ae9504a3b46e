"""CenterNet: the picture into the network's square, and the heatmap's peaks back into boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.imaging import letterbox
from cvdemo.models.boxes import to_detections
from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec
from cvdemo.types import Detections, Image, Prepared, RawOutput

if TYPE_CHECKING:
    from torch import nn

STRIDE = 4
#: Peaks below this are noise: even the most demanding threshold of the pages lies above.
SCORE_FLOOR = 0.005
MAX_CANDIDATES = 1000


def build(spec: ModelSpec) -> nn.Module:
    """The network without weights."""
    from cvdemo.models.nets.centernet import CenterNet

    return CenterNet().eval()


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """The whole picture in the middle of a black square, RGB 0..255; normalisation is inside the network."""
    pixels, box = letterbox(image.pixels, spec.input_hw)
    return Prepared(pixels.transpose(2, 0, 1)[np.newaxis].astype(np.float32, order="C"), (box,))


def peaks(heatmap: NDArray[np.float32], floor: float = SCORE_FLOOR) -> NDArray[np.int64]:
    """Flat indices of the cells that no cell of their 3 x 3 neighbourhood exceeds, by falling score.

    heatmap: (K, h, w) float32. floor: above 0; cells below it are not looked at, which is nearly all of them.
    """
    padded = np.pad(heatmap, ((0, 0), (1, 1), (1, 1)))
    flat, width = padded.ravel(), padded.shape[2]
    index = np.flatnonzero(flat >= floor)
    for offset in (-1, 1, -width, width, -width - 1, -width + 1, width - 1, width + 1):
        index = index[flat[index] >= flat[index + offset]]
    classes, rows, columns = np.unravel_index(index, padded.shape)
    found = np.ravel_multi_index((classes, rows - 1, columns - 1), heatmap.shape)
    return found[np.argsort(-flat[index], kind="stable")].astype(np.int64)


def decode(spec: ModelSpec, raw: RawOutput) -> Detections:
    """Every peak with a score of at least SCORE_FLOOR, best first, at most MAX_CANDIDATES."""
    heatmap, distances = raw.outputs["heatmap"][0], raw.outputs["distances"][0]
    found = peaks(heatmap)[:MAX_CANDIDATES]
    class_ids, rows, columns = np.unravel_index(found, heatmap.shape)
    left, top, right, bottom = distances[:, rows, columns]
    x, y = columns * STRIDE, rows * STRIDE
    xyxy = np.stack([x - left, y - top, x + right, y + bottom], axis=1)
    return to_detections(xyxy, heatmap.ravel()[found], class_ids, raw.letterboxes[0])


FAMILY = Family(build=build, output_names=("heatmap", "distances"), preprocess=preprocess, decode=decode)
