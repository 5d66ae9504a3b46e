"""What every box detector shares after its own decoding: thresholds, class filters, suppression of doubles."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import Detections, Letterbox


def nms_index(detections: Detections, iou_threshold: float) -> NDArray[np.int64]:
    """Greedy non-maximum suppression within each class: indices of the survivors, by falling score.

    Of two boxes of one class that overlap by more than iou_threshold (intersection over union), the one with
    the lower score goes. OpenCV does the work: importing torchvision for it would cost a second.
    """
    if len(detections) == 0:
        return np.zeros(0, np.int64)
    import cv2

    # OpenCV keeps classes apart by shifting each by the largest coordinate, so none may be negative.
    corners = detections.xyxy.astype(np.float64) - min(0.0, float(detections.xyxy.min()))
    xywh = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    scores, class_ids = detections.scores.tolist(), detections.class_ids.tolist()
    keep = cv2.dnn.NMSBoxesBatched(xywh.tolist(), scores, class_ids, -1.0, iou_threshold)
    index = np.asarray(keep, np.int64).reshape(-1)
    return index[np.argsort(-detections.scores[index], kind="stable")]


def clip(detections: Detections) -> Detections:
    """The same boxes with what lies outside of the picture cut off."""
    height, width = detections.size_hw
    limits = np.array([width, height, width, height], np.float32)
    xyxy = detections.xyxy.clip(0, limits)
    return Detections(xyxy, detections.scores, detections.class_ids, detections.size_hw)


def select(
    detections: Detections,
    *,
    score_threshold: float,
    iou_threshold: float,
    class_ids: Collection[int] | None = None,
    max_detections: int = 100,
) -> Detections:
    """The boxes worth showing: of the wanted classes (None: all), above the threshold, without doubles, clipped to the
    picture only then: clipping first would change the overlaps."""
    keep = detections.scores >= score_threshold
    if class_ids is not None:
        keep &= np.isin(detections.class_ids, list(class_ids))
    chosen = detections.take(keep)
    return clip(chosen.take(nms_index(chosen, iou_threshold)[:max_detections]))


def strongest(scores: NDArray[np.float32], floor: float, limit: int) -> NDArray[np.int64]:
    """Flat indices of the at most limit largest scores of at least floor, by falling score."""
    flat = scores.ravel()
    index = np.flatnonzero(flat >= floor)
    if len(index) > limit:
        index = index[np.argpartition(-flat[index], limit)[:limit]]
    return index[np.argsort(-flat[index], kind="stable")].astype(np.int64)


def to_detections(
    xyxy: NDArray[Any], scores: NDArray[np.float32], class_ids: NDArray[np.intp], box: Letterbox
) -> Detections:
    """Boxes in network-input pixels, (N, 4), as candidates on the picture; select cuts them at its edges.

    Boxes that lie outside the picture altogether (a network can see things in the padding) are left out.
    """
    corners = box.to_image(xyxy.reshape(-1, 2, 2).astype(np.float32)).reshape(-1, 4)
    candidates = Detections(corners, scores.astype(np.float32), class_ids.astype(np.int64), box.size_hw)
    inside = clip(candidates).xyxy
    return candidates.take((inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1]))
