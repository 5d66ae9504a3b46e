"""Ultralytics YOLO: any .pt or .onnx that the operator put into weights/ (detect, segment, pose).

Only the inner nn.Module runs: ultralytics' own predictor keeps its settings in one shared object, so that two
threads get each other's results. Decoding is ours, which also keeps thresholds away from the forward pass.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import WeightsError
from cvdemo.imaging import letterbox
from cvdemo.labels import SKELETON
from cvdemo.models.boxes import clip, nms_index
from cvdemo.models.family import Family
from cvdemo.registry import ModelSpec
from cvdemo.settings import settings
from cvdemo.types import Detections, Image, Poses, Prepared, RawOutput, Result, Segmentation
from cvdemo.weights import verified_path

if TYPE_CHECKING:
    from torch import nn

_GREY = 114  # the border colour YOLO was trained with
_LOWEST_SCORE = 0.005
_MOST_CANDIDATES = 3000
_IOU_THRESHOLD = 0.7
_INSTANCE_SCORE = 0.25
_COEFFICIENTS = 32
_JOINT_VALUES = 3 * 17
_EXTRA = {"detect": 0, "segment": _COEFFICIENTS, "pose": _JOINT_VALUES}


def load(spec: ModelSpec) -> nn.Module:
    """The network of a .pt file, fused, in eval mode. Nothing in the file is executed, nothing is fetched.

    Raises WeightsError when it is not a YOLO network of the spec's task, or only an exported graph.
    """
    path = verified_path(spec, pinned=False)
    if path.suffix == ".onnx":
        raise WeightsError(
            f"weights/{spec.weights} is an exported graph whose layers cannot be opened; "
            "put the .pt file there instead."
        )
    _import_safely()
    import torch
    from torch import nn
    from ultralytics.nn.tasks import load_checkpoint

    class Yolo(nn.Module):
        """Returns the head's decoded predictions and mask prototypes (empty where there are none) as tensors."""

        def __init__(self, network: nn.Module) -> None:
            super().__init__()
            self.network = network

        def forward(self, inputs):  # type: ignore[no-untyped-def]
            head = self.network.model[-1]
            if not torch.is_inference_mode_enabled() and getattr(head, "anchors", inputs).is_inference():
                head.shape = None  # its grid was made without gradients and is kept; explanations need another
            outputs = self.network(inputs)
            while isinstance(outputs, tuple) and isinstance(outputs[-1], dict):
                outputs = outputs[0]
            return outputs if isinstance(outputs, tuple) else (outputs, outputs[:, :0])

    try:
        network, _ = load_checkpoint(str(path), fuse=True)
    except (TypeError, RuntimeError, OSError, ValueError, KeyError, AttributeError) as error:
        raise WeightsError(f"weights/{spec.weights} is not a YOLO checkpoint that can be read; replace it.") from error
    if network.task != spec.task:
        raise WeightsError(
            f"weights/{spec.weights} is a YOLO network for '{network.task}'; end its name in -seg, -pose or neither "
            "so that it stands under its task."
        )
    return Yolo(network).eval()


def _import_safely() -> None:
    """Import ultralytics so that it installs, fetches and unpickles nothing, and leaves Pillow as it was."""
    folder = settings().cache_dir
    os.environ.update(YOLO_AUTOINSTALL="false", YOLO_OFFLINE="true", ULTRALYTICS_SAFE_LOAD="1")
    if folder is not None:
        (folder / "ultralytics").mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("YOLO_CONFIG_DIR", str(folder / "ultralytics"))
    import PIL.Image

    pillow_open = PIL.Image.open
    import ultralytics.nn.tasks

    PIL.Image.open = pillow_open  # ultralytics' replacement tries to install decoders for unreadable pictures
    ultralytics.nn.tasks.SAFE_LOAD = True  # whoever imported it first may have had other settings


def preprocess(spec: ModelSpec, image: Image, people: Detections | None = None) -> Prepared:
    """Letterbox onto grey, RGB 0..1."""
    pixels, geometry = letterbox(image.pixels, spec.input_hw, fill=_GREY)
    inputs = pixels.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
    return Prepared(inputs, (geometry,))


def decode(spec: ModelSpec, raw: RawOutput) -> Result:
    """Candidates of the spec's task in picture pixels."""
    found, extra = _candidates(spec, raw)
    if spec.task == "detect":
        return found
    keep = nms_index(found, _IOU_THRESHOLD)
    if spec.task == "pose":
        return _poses(raw, clip(found.take(keep)), extra[keep])
    return _segmentation(spec, raw, clip(found.take(keep)), extra[keep])


def _candidates(spec: ModelSpec, raw: RawOutput) -> tuple[Detections, NDArray[np.float32]]:
    """Boxes with what the head says beyond them, (N, extra).

    Two layouts exist: (4 + K + extra, anchors) with centre, width, height and K class scores; and, from
    end-to-end heads, (rows, 6 + extra) with corners, score and class.
    """
    values, extra = raw.outputs["predictions"][0], _EXTRA[spec.task]
    if values.shape[1] == 6 + extra:
        xyxy, scores, class_ids, rest = values[:, :4], values[:, 4], values[:, 5].astype(np.int64), values[:, 6:]
    else:
        values = values.T
        classes = values[:, 4 : values.shape[1] - extra]
        _check_classes(spec, classes.shape[1])
        centre, half = values[:, :2], values[:, 2:4] / 2
        xyxy = np.concatenate([centre - half, centre + half], axis=1)
        class_ids, rest = classes.argmax(axis=1), values[:, values.shape[1] - extra :]
        scores = classes.max(axis=1)
    best = np.argsort(-scores, kind="stable")[:_MOST_CANDIDATES]
    best = best[scores[best] > _LOWEST_SCORE]
    boxes = raw.letterboxes[0].to_image(xyxy[best].reshape(-1, 2, 2)).reshape(-1, 4)
    return Detections(boxes, scores[best].astype(np.float32), class_ids[best], raw.size_hw), rest[best]


def _check_classes(spec: ModelSpec, count: int) -> None:
    known = len(spec.class_names) - (spec.task == "segment")
    if spec.task != "pose" and count != known:
        raise WeightsError(
            f"weights/{spec.weights} knows {count} classes, not {known}; name them, one a line, in "
            f"weights/{spec.name}.names."
        )


def _poses(raw: RawOutput, people: Detections, joints: NDArray[np.float32]) -> Poses:
    values = joints.reshape(len(people), 17, 3)
    keypoints = raw.letterboxes[0].to_image(values[..., :2])
    return Poses(people, keypoints, values[..., 2].clip(0, 1).astype(np.float32), SKELETON)


def _segmentation(
    spec: ModelSpec, raw: RawOutput, things: Detections, coefficients: NDArray[np.float32]
) -> Segmentation:
    """Things laid over each other, the surest on top; class 0 is the background."""
    import cv2

    prototypes, geometry = raw.outputs["prototypes"][0], raw.letterboxes[0]
    (height, width), (grid_h, grid_w) = raw.size_hw, prototypes.shape[1:]
    step = np.array([grid_w / geometry.input_hw[1], grid_h / geometry.input_hw[0]])
    x0, y0 = np.floor(np.array(geometry.pad_xy) * step).astype(int)
    x1, y1 = np.ceil((np.array(geometry.pad_xy) + np.array(geometry.scale_xy) * (width, height)) * step).astype(int)
    probs = np.zeros((len(spec.class_names), y1 - y0, x1 - x0), np.float32)
    class_map = np.zeros(raw.size_hw, np.uint8)
    for i in np.argsort(things.scores, kind="stable"):
        if things.scores[i] < _INSTANCE_SCORE:
            continue
        logits = np.tensordot(coefficients[i], prototypes, axes=1)[y0:y1, x0:x1]
        mask = cv2.resize(logits, (width, height), interpolation=cv2.INTER_LINEAR) > 0
        left, top = np.floor(things.xyxy[i, :2]).astype(int)
        right, bottom = np.ceil(things.xyxy[i, 2:]).astype(int)
        label = int(things.class_ids[i]) + 1
        class_map[top:bottom, left:right][mask[top:bottom, left:right]] = label
        inside = things.scores[i] / (1 + np.exp(-logits.clip(-60)))  # float32 overflows beyond 88
        scale_y, scale_x = inside.shape[0] / height, inside.shape[1] / width
        box = np.s_[int(top * scale_y) : int(bottom * scale_y) + 1, int(left * scale_x) : int(right * scale_x) + 1]
        np.maximum(probs[label][box], inside[box], out=probs[label][box])
    probs[0] = 1 - probs[1:].max(axis=0)
    return Segmentation(class_map, probs / probs.sum(axis=0), raw.size_hw)


FAMILY = Family(
    build=load,
    load=load,
    output_names=("predictions", "prototypes"),
    preprocess=preprocess,
    decode=decode,
)
