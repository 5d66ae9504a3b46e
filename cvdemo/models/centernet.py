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

    heatmap: (K, h, w) float32. Cells below the floor do not count.
    """
    import cv2

    kernel = np.ones((3, 3), np.uint8)
    found = [np.zeros(0, np.int64)]
    for class_id in np.flatnonzero(heatmap.max(axis=(1, 2)) >= floor):
        plane = heatmap[class_id]
        is_peak = (plane >= floor) & (plane == cv2.dilate(plane, kernel))
        found.append(np.flatnonzero(is_peak) + class_id * plane.size)
    index = np.concatenate(found)
    return index[np.argsort(-heatmap.ravel()[index], kind="stable")]


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
