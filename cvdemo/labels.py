"""Class names, in the order of the networks' outputs, and the joints of a person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard",
    "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip

#: COCO's own category numbers leave gaps: the 80 classes stand at these of the 90 places.
_COCO_GAPS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
COCO_CATEGORY_IDS = tuple(i for i in range(1, 91) if i not in _COCO_GAPS)

CAMVID = (
    "sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "cyclist",
)  # fmt: skip

CLOTHING = (
    "background", "skin", "hair", "hat", "eyewear", "top", "outerwear", "dress", "trousers", "skirt", "footwear",
    "bag", "accessory",
)  # fmt: skip

FASHION = (
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip

KEYPOINTS = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder", "left elbow",
    "right elbow", "left wrist", "right wrist", "left hip", "right hip", "left knee", "right knee",
    "left ankle", "right ankle",
)  # fmt: skip

#: Pairs of COCO joints to join with a line.
SKELETON = (
    (0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12), (11, 12),
    (11, 13), (13, 15), (12, 14), (14, 16),
)  # fmt: skip


@cache
def label_set(name: str) -> tuple[str, ...]:
    """Class names of a set: coco, coco-background, imagenet, camvid, clothing, fashion, person, or file:PATH for a
    text file with one name a line. Raises KeyError for another name."""
    if name.startswith("file:"):
        return tuple(Path(name.removeprefix("file:")).read_text(encoding="utf-8").splitlines())
    if name == "imagenet":
        text = (files("cvdemo") / "assets" / "imagenet_classes.txt").read_text(encoding="utf-8")
        return tuple(text.splitlines())
    sets = {
        "coco": COCO,
        "coco-background": ("background", *COCO),
        "camvid": CAMVID,
        "clothing": CLOTHING,
        "fashion": FASHION,
        "person": ("person",),
    }
    return sets[name]


def foreground(class_names: Sequence[str]) -> tuple[int, ...]:
    """Ids of all classes but the background, which is left unpainted on a picture."""
    return tuple(i for i, name in enumerate(class_names) if name != "background")
