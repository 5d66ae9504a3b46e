"""The scalar behind an answer: one class's logit, the heatmap cell that gave a box, a region's class, a joint's
score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import UsageError
from cvdemo.inspect import yolo_targets
from cvdemo.inspect.target import Target
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Classification, Detections, Letterbox, Poses, RawOutput, Result, Segmentation

#: Outputs with one plane of scores per class, (N, classes, h, w), by family of box detectors.
_BOX_SCORES = {"centernet": ("heatmap",), "nanodet": ("scores8", "scores16", "scores32")}
_POSENET_STRIDE = 16
_POINT_RADIUS = 0.02


def class_target(spec: ModelSpec, class_id: int) -> Target:
    """A class's logit. Raises UsageError for a class that does not exist."""
    return Target(_class_name(spec, class_id), family_of(spec).output_names[0], 0, (class_id,))


def box_target(spec: ModelSpec, raw: RawOutput, box: Detections, index: int = 0) -> Target:
    """The class score of the cell that gave a box.

    box: as the task returned it, of which the index-th is meant. Raises UsageError for a box that is not of this
    output, or a family whose boxes cannot be traced.
    """
    if index >= len(box):
        raise UsageError("There is no such box; choose one of those in the table.")
    class_id, score = int(box.class_ids[index]), box.scores[index]
    label = f"{_class_name(spec, class_id)} {score:.2f}"
    if spec.family == "yolo":
        return yolo_targets.box(raw, class_id, score, label)
    if spec.family not in _BOX_SCORES:
        raise UsageError(f"{spec.title} does not tell which cell a box comes from; choose another model.")
    corners = raw.letterboxes[0].to_input(box.xyxy[index].reshape(2, 2))
    found = [
        (float(np.hypot(*(_centre(raw, name, row, column) - corners.mean(axis=0)))), name, row, column)
        for name in _BOX_SCORES[spec.family]
        for row, column in np.argwhere(raw.outputs[name][0, class_id] == score).tolist()
    ]
    if not found:
        raise UsageError("This box is not one of this picture's answers; choose one of those in the table.")
    _, name, row, column = min(found)
    return Target(label, name, 0, (class_id, row, column))


def _centre(raw: RawOutput, name: str, row: int, column: int) -> NDArray[np.float64]:
    """x, y of a cell's middle in pixels of the network's input."""
    height, width = raw.outputs[name].shape[-2:]
    input_h, input_w = raw.letterboxes[0].input_hw
    return np.array([(column + 0.5) * input_w / width, (row + 0.5) * input_h / height])


def region_target(spec: ModelSpec, raw: RawOutput, class_id: int, region: NDArray[np.bool_] | None = None) -> Target:
    """A segmentation class's logit, averaged over a region (Seg-Grad-CAM: Vinogradova et al., arXiv 2002.11434).

    region: (H, W) bool on the picture; where the class is the answer, if not given. Raises UsageError for an empty
    region.
    """
    import cv2

    name = _class_name(spec, class_id)
    if spec.family == "yolo":
        return yolo_targets.mask(raw, class_id, name, region)
    logits = raw.outputs["logits"][0]
    inside = _on_picture(logits.shape[1:], raw.letterboxes[0])
    if region is None:
        mask = (logits.argmax(axis=0) == class_id) & inside
        if not mask.any():
            raise UsageError(f"Nothing in this picture was called {name}; choose a class from the legend.")
    else:
        if region.shape != raw.size_hw:
            raise ValueError(f"region must have the picture's shape {raw.size_hw}, not {region.shape}")
        matrix = _to_cells(logits.shape[1:], raw.letterboxes[0])
        size_wh = (logits.shape[2], logits.shape[1])
        mask = cv2.warpAffine(region.astype(np.uint8), matrix, size_wh, flags=cv2.INTER_NEAREST) > 0
        mask = mask & inside
        if not mask.any():
            raise UsageError("The chosen region is too small for the network to see; choose a larger one.")
    return Target(f"{name}, {mask.mean():.0%} of the picture", "logits", 0, (class_id,), _share(mask))


def region_at(result: Segmentation, x: float, y: float) -> tuple[int, NDArray[np.bool_]]:
    """The class of a point of the picture, and the region (H, W) around it: the pixels of that class which hang
    together with it, corners included. Raises UsageError for a point that is not on the picture."""
    import cv2

    height, width = result.size_hw
    if not (0 <= x < width and 0 <= y < height):
        raise UsageError("This point lies outside of the picture; choose one on it.")
    row, column = int(y), int(x)
    class_id = int(result.class_map[row, column])
    _, labels = cv2.connectedComponents((result.class_map == class_id).astype(np.uint8), connectivity=8)
    return class_id, np.asarray(labels == labels[row, column])


def point_target(spec: ModelSpec, raw: RawOutput, x: float, y: float, class_id: int | None = None) -> Target:
    """A class's logit around a clicked point of the picture. class_id: the answer at that point if not given."""
    logits, box = raw.outputs["logits"][0], raw.letterboxes[0]
    height, width = logits.shape[1:]
    if not (0 <= x < raw.size_hw[1] and 0 <= y < raw.size_hw[0]):
        raise UsageError("This point lies outside of the picture; choose one on it.")
    place = box.to_input(np.array([x, y], np.float32)) * [width / box.input_hw[1], height / box.input_hw[0]]
    rows, columns = np.mgrid[:height, :width] + 0.5
    distance = np.hypot(columns - place[0], rows - place[1])
    mask = distance <= max(_POINT_RADIUS * max(height, width), float(distance.min()))
    if class_id is None:
        class_id = int(logits[:, mask].mean(axis=1).argmax())
    return Target(f"{_class_name(spec, class_id)} at ({x:.0f}, {y:.0f})", "logits", 0, (class_id,), _share(mask))


def joint_target(spec: ModelSpec, raw: RawOutput, poses: Poses, person: int, joint: int, name: str = "joint") -> Target:
    """The heatmap value at a person's joint.

    poses: as the task returned them. Raises UsageError for a person or joint that is not of this output.
    """
    if not (0 <= person < len(poses) and 0 <= joint < poses.keypoints.shape[1]):
        raise UsageError("There is no such joint; choose a person and a joint from the table.")
    label = f"{name} {poses.keypoint_scores[person, joint]:.2f}"
    if spec.family == "posenet":
        y, x = _joint_cell(raw, poses, person, joint)
        return Target(label, "heatmap", 0, (joint, y, x))
    if spec.family == "yolo":
        return yolo_targets.joint(raw, poses.boxes.scores[person], joint, label)
    everyone = family_of(spec).decode(spec, raw)
    assert isinstance(everyone, Poses)
    same = (everyone.keypoints == poses.keypoints[person]).all(axis=(1, 2)) if len(everyone) else np.zeros(0, bool)
    if not same.any() or spec.family not in ("movenet", "multipose"):
        raise UsageError("This person is not one of this picture's answers; choose one of those in the table.")
    row = int(same.argmax())
    if spec.family == "movenet":
        return Target(label, "keypoints", row, (joint, 2))
    return Target(label, "people", 0, (row, 3 * joint + 2))


def _joint_cell(raw: RawOutput, poses: Poses, person: int, joint: int) -> tuple[int, int]:
    height, width = raw.outputs["heatmap"].shape[-2:]
    x, y = raw.letterboxes[0].to_input(poses.keypoints[person, joint]) / _POSENET_STRIDE
    return int(np.clip(round(float(y)), 0, height - 1)), int(np.clip(round(float(x)), 0, width - 1))


def best_target(spec: ModelSpec, raw: RawOutput, result: Result) -> Target:
    """The target of a result's first answer. Raises UsageError where there is none."""
    if isinstance(result, Classification):
        return class_target(spec, int(result.probs.argmax()))
    if isinstance(result, Segmentation):
        return region_target(spec, raw, int(result.shares().argmax()))
    if not len(result):
        raise UsageError("The network found nothing here, so there is nothing to explain; lower the threshold.")
    if isinstance(result, Detections):
        return box_target(spec, raw, result)
    return joint_target(spec, raw, result, 0, int(result.keypoint_scores[0].argmax()))


def _class_name(spec: ModelSpec, class_id: int) -> str:
    names = spec.class_names
    if not 0 <= class_id < len(names):
        raise UsageError(f"{spec.title} knows classes 0 to {len(names) - 1}; choose one of them.")
    return names[class_id]


def _share(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    return (mask / mask.sum()).astype(np.float32)


def _to_cells(cells_hw: tuple[int, ...], box: Letterbox) -> NDArray[np.float64]:
    """2 x 3 matrix from picture pixels to the cells of a map that covers the network's input."""
    per = np.array([cells_hw[1] / box.input_hw[1], cells_hw[0] / box.input_hw[0]])
    scale, shift = per * box.scale_xy, per * box.pad_xy
    # Whole numbers are the middles of pixels here, hence the halves.
    return np.array([[scale[0], 0, shift[0] + (scale[0] - 1) / 2], [0, scale[1], shift[1] + (scale[1] - 1) / 2]])


def _on_picture(cells_hw: tuple[int, ...], box: Letterbox) -> NDArray[np.bool_]:
    """(h, w) bool: cells whose middle lies on the picture and not in the padding."""
    rows, columns = np.mgrid[: cells_hw[0], : cells_hw[1]] + 0.5
    x = (columns * box.input_hw[1] / cells_hw[1] - box.pad_xy[0]) / box.scale_xy[0]
    y = (rows * box.input_hw[0] / cells_hw[0] - box.pad_xy[1]) / box.scale_xy[1]
    return (x >= 0) & (x <= box.size_hw[1]) & (y >= 0) & (y <= box.size_hw[0])
