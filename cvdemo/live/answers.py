"""Results as the heads and parts of answers: short lists of numbers, a small picture for a mask."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.labels import KEYPOINTS
from cvdemo.registry import ModelSpec
from cvdemo.types import Classification, Detections, Poses, Segmentation
from cvdemo.viz.encode import palette_png
from cvdemo.viz.palette import LEFT, MIDDLE, PALETTE, RIGHT, class_color, class_hex

_MASK_SIDE = 480
_SHOWN_CLASSES = 5


def legend(spec: ModelSpec) -> dict[str, Any]:
    """What a browser has to know once to draw a model's answers."""
    if spec.task == "classify":  # a thousand names: each answer brings those it needs
        return {}
    if spec.task != "pose":
        return {"classes": list(spec.class_names), "colors": [class_hex(i) for i in range(len(PALETTE))]}
    sides = [LEFT if name.startswith("left") else RIGHT if name.startswith("right") else MIDDLE for name in KEYPOINTS]
    return {"joints": list(KEYPOINTS), "jointColors": ["#{:02x}{:02x}{:02x}".format(*color) for color in sides]}


def detections_answer(found: Detections, numbers: NDArray[np.int64]) -> dict[str, Any]:
    """items: [x0, y0, x1, y1, score, class, number] each, in frame pixels. numbers: (N,) track numbers."""
    rows = zip(found.xyxy.tolist(), found.scores.tolist(), found.class_ids.tolist(), numbers.tolist(), strict=True)
    return {"items": [[*_short(box), round(score, 2), kind, number] for box, score, kind, number in rows]}


def poses_answer(poses: Poses, numbers: NDArray[np.int64]) -> dict[str, Any]:
    """items: [x0, y0, x1, y1, score, number, [x, y, score a joint, one after the other]] each, in frame pixels."""
    joints = np.concatenate([poses.keypoints.round(1), poses.keypoint_scores[..., None].round(2)], axis=2)
    rows = zip(poses.boxes.xyxy.tolist(), poses.boxes.scores.tolist(), numbers.tolist(), joints, strict=True)
    items = [
        [*_short(box), round(score, 2), number, _short(each.ravel().tolist(), 2)] for box, score, number, each in rows
    ]
    return {"items": items, "skeleton": [list(pair) for pair in poses.skeleton]}


def classification_answer(result: Classification) -> dict[str, Any]:
    """items: [class, name, probability] each, the most probable first."""
    return {"items": [[i, name, round(p, 4)] for i, name, p in result.top(_SHOWN_CLASSES)]}


def segmentation_answer(
    result: Segmentation, class_names: tuple[str, ...], shown: tuple[int, ...] | None
) -> tuple[dict[str, Any], bytes]:
    """items: [class, share of the picture] each, the largest first; and the mask in the classes' colours as a PNG.

    shown: classes that are painted, None for all; the background never is.
    """
    shares = result.shares()
    items = [[int(i), round(float(shares[i]), 4)] for i in np.argsort(-shares, kind="stable") if shares[i] >= 0.0005]
    count = len(result.probs)
    colors = np.array([class_color(i) for i in range(count)], np.uint8)
    painted = [name != "background" and (shown is None or i in shown) for i, name in enumerate(class_names)]
    opacity = bytes(255 if each else 0 for each in painted)
    step = max(1, -(-max(result.class_map.shape) // _MASK_SIDE))
    indices = np.ascontiguousarray(result.class_map[::step, ::step])
    return {"items": items}, palette_png(indices, colors, opacity, compression=1)


def _short(values: list[float], digits: int = 1) -> list[float]:
    return [round(value, digits) for value in values]
