"""The numbers behind an ultralytics YOLO's boxes, joints and masks.

Its head gives (4 + K + extra, anchors) with K class scores, or, end to end, rows of corners, score, class and extra;
extra are 17 joints of x, y, score, or 32 coefficients that mix the mask prototypes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import UsageError
from cvdemo.inspect.target import Target
from cvdemo.types import RawOutput

_COEFFICIENTS, _JOINT_VALUES = 32, 3 * 17
_SURE = 0.25
_CORNERS, _SCORE, _CLASS, _ROW = 4, 4, 5, 6
_UNKNOWN = "This box is not one of this picture's answers; choose one of those in the table."


@dataclass(frozen=True, slots=True, eq=False)
class MaskTarget(Target):
    """The mask logit of a thing, averaged over a region: its coefficients times the prototypes. index: where the
    coefficients lie in a prediction, weights: (h, w) on the prototypes' grid."""

    def of(self, outputs: Mapping[str, Any]) -> Any:
        """The number for every item of a batch, (N,)."""
        mix = outputs["predictions"][(slice(None), *self.index)]
        prototypes = outputs["prototypes"]
        weights = self.weights if isinstance(prototypes, np.ndarray) else prototypes.new_tensor(self.weights)
        means = (prototypes * weights).sum(-1).sum(-1)
        return (mix * means).sum(-1)


def box(raw: RawOutput, class_id: int, score: np.float32, label: str) -> Target:
    """The class score of a box. Raises UsageError for a box that is not of this output."""
    values, rows = _values(raw, 0)
    if rows:
        hits = np.argwhere((values[:, _SCORE] == score) & (values[:, _CLASS] == class_id))
    else:
        hits = np.argwhere(values[_CORNERS + class_id] == score)
    if not len(hits):
        raise UsageError(_UNKNOWN)
    place = int(hits[0, 0])
    return Target(label, "predictions", 0, (place, _SCORE) if rows else (_CORNERS + class_id, place))


def joint(raw: RawOutput, score: np.float32, number: int, label: str) -> Target:
    """The score of a person's joint. score: the person's own. Raises UsageError for a person who is not of this
    output."""
    values, rows = _values(raw, _JOINT_VALUES)
    hits = np.argwhere((values[:, _SCORE] if rows else values[_CORNERS:-_JOINT_VALUES].max(axis=0)) == score)
    if not len(hits):
        raise UsageError("This person is not one of this picture's answers; choose one of those in the table.")
    place = int(hits[0, 0])
    index = (place, _ROW + 3 * number + 2) if rows else (len(values) - _JOINT_VALUES + 3 * number + 2, place)
    return Target(label, "predictions", 0, index)


def mask(raw: RawOutput, class_id: int, name: str, region: NDArray[np.bool_] | None = None) -> Target:
    """The mask of a thing of a class. class_id: of the segmentation, 0 for the background.

    region: (H, W) bool on the picture; the thing whose mask covers most of it is meant, else the surest one of the
    class. Raises UsageError for the background, or a class of which nothing is there.
    """
    if class_id == 0:
        raise UsageError("The background is what no thing covers, no score stands for it; choose a thing.")
    values, rows = _values(raw, _COEFFICIENTS)
    classes = values[:, _CLASS].astype(int) if rows else values[_CORNERS:-_COEFFICIENTS].argmax(axis=0)
    scores = values[:, _SCORE] if rows else values[_CORNERS:-_COEFFICIENTS].max(axis=0)
    things = np.flatnonzero((classes == class_id - 1) & (scores >= _SURE))
    if not len(things):
        raise UsageError(f"Nothing in this picture was called {name}; choose a class from the legend.")
    coefficients = values[things, _ROW:] if rows else values[-_COEFFICIENTS:, things].T
    masks = np.tensordot(coefficients, raw.outputs["prototypes"][0], axes=1) > 0
    chosen, inside = int(scores[things].argmax()), None
    if region is not None:
        inside = _on_prototypes(raw, region)
        chosen = int((masks & inside).sum(axis=(1, 2)).argmax())
    cells = masks[chosen] & _in_box(raw, values, rows, int(things[chosen])) if inside is None else inside
    if not cells.any():
        raise UsageError("The chosen region is too small for the network to see; choose a larger one.")
    place = int(things[chosen])
    coefficients_at: tuple[int | slice, ...] = (
        (place, slice(_ROW, None)) if rows else (slice(-_COEFFICIENTS, None), place)
    )
    label = f"{name} {float(scores[place]):.2f}, its mask"
    return MaskTarget(label, "predictions", 0, coefficients_at, (cells / cells.sum()).astype(np.float32))


def _values(raw: RawOutput, extra: int) -> tuple[NDArray[np.float32], bool]:
    """The predictions, and whether they are rows of an end-to-end head."""
    values = raw.outputs["predictions"][0]
    return values, values.shape[1] == _ROW + extra


def _in_box(raw: RawOutput, values: NDArray[np.float32], rows: bool, place: int) -> NDArray[np.bool_]:
    """(h, w) bool: cells of the prototypes whose middle lies in a thing's box."""
    height, width = raw.outputs["prototypes"].shape[-2:]
    input_h, input_w = raw.letterboxes[0].input_hw
    first, second = (values[place, :2], values[place, 2:4]) if rows else (values[:2, place], values[2:4, place])
    (x0, y0), (x1, y1) = (first, second) if rows else (first - second / 2, first + second / 2)
    y, x = np.mgrid[:height, :width] + 0.5
    x, y = x * input_w / width, y * input_h / height
    return np.asarray((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))


def _on_prototypes(raw: RawOutput, region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A region of the picture on the prototypes' grid: cells whose middle lies in it."""
    height, width = raw.outputs["prototypes"].shape[-2:]
    box = raw.letterboxes[0]
    y, x = np.mgrid[:height, :width] + 0.5
    xy = np.stack([x * box.input_hw[1] / width, y * box.input_hw[0] / height], axis=-1).astype(np.float32)
    places = np.floor(box.to_image(xy)).astype(int)
    rows, columns = places[..., 1], places[..., 0]
    on = (rows >= 0) & (rows < region.shape[0]) & (columns >= 0) & (columns < region.shape[1])
    return np.asarray(on & region[rows.clip(0, region.shape[0] - 1), columns.clip(0, region.shape[1] - 1)])
