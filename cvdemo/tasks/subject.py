"""Streets or clothes: which segmentation network suits a picture, by what the detector sees in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cvdemo.registry import REGISTRY
from cvdemo.types import Detections, Image

Name = Literal["streets", "clothes"]
_ROAD = ("bicycle", "car", "motorcycle", "bus", "train", "truck", "traffic light", "stop sign")
#: Share of the picture from which a person is close enough for clothes to be seen.
_CLOSE = 0.1
#: Detections below this are not asked.
_SURE = 0.35


@dataclass(frozen=True, slots=True)
class Subject:
    """name: of the subject. reason: what was seen, as the rest of a sentence. decided: whether that speaks for the
    subject, and is not just a lack of anything else."""

    name: Name
    reason: str
    decided: bool = True


def subject_of(found: Detections, class_names: tuple[str, ...]) -> Subject:
    """Clothes where the largest person covers a tenth of the picture and more than all road things together."""
    found = found.take(found.scores >= _SURE)
    height, width = found.size_hw
    sides = np.maximum(found.xyxy[:, 2:] - found.xyxy[:, :2], 0)
    areas = sides[:, 0] * sides[:, 1] / (height * width)
    names = np.array([class_names[i] for i in found.class_ids], dtype=object)
    person = float(areas[names == "person"].max(initial=0.0))
    road = float(areas[np.isin(names, _ROAD)].sum())
    if person >= _CLOSE and person > road:
        return Subject("clothes", f"a person covers {person * 100:.0f} % of the picture")
    if road > 0:
        return Subject("streets", "the detector sees things of the road")
    return Subject("streets", "no person is close, and nothing else decides", decided=False)


def choose(image: Image) -> Subject:
    """The subject of a picture, by the default detector. Raises WeightsError, DeviceError."""
    from cvdemo import tasks

    detector = REGISTRY.default("detect")
    return subject_of(tasks.run(detector, image).result, detector.class_names)
