"""From a frame to its answer, for one visitor with one model. Blocking: called from one worker thread at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.imaging import image_from_pixels
from cvdemo.live import answers, maps
from cvdemo.live.catalogue import detector_for, live_model
from cvdemo.live.frames import load_frame
from cvdemo.live.people import Follower
from cvdemo.live.protocol import Settings
from cvdemo.live.steady import KEEPS_ALIVE, Average, Tracks
from cvdemo.registry import ModelSpec
from cvdemo.tasks import ClassifyParams, DetectParams, PoseParams, SegmentParams
from cvdemo.types import Detections, Image, Letterbox, Poses, RawOutput

#: Detector score from which a top-down network looks at somebody.
_PERSON_SCORE = 0.3
_PERSON = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """A forward pass. maps: (C, h, w) of the chosen layer, and where its input lies in the picture. searched_s:
    seconds that the detector took, 0 where it was not asked."""

    raw: RawOutput
    maps: NDArray[np.float32] | None
    letterbox: Letterbox | None
    searched_s: float


class Pipeline:
    """A model made ready, with what it remembers of the frames before."""

    def __init__(self, settings: Settings) -> None:
        """Load what the settings ask for. Raises UnknownModelError, WeightsError, DeviceError, UsageError."""
        self.model = live_model(settings.model)
        self.spec = self.model.at(settings.side)
        self.detector = detector_for(self.spec)
        self.layers = maps.layers_of(self.spec) if settings.layer else ()
        self.layer = maps.choose_layer(self.layers, settings.layer) if settings.layer else ""
        self.settings = settings
        self._tracks, self._average, self._strip = Tracks(), Average(), maps.Strip()
        self._follower = Follower()
        self._warm_up()

    def serves(self, settings: Settings) -> bool:
        """Whether it can go on under these settings, keeping what it remembers."""
        mine = self.settings
        same = (settings.model, settings.side, settings.layer) == (mine.model, mine.side, mine.layer)
        return same or (
            settings.model in (mine.model, self.spec.name)
            and self.model.at(settings.side) == self.spec
            and settings.layer in (mine.layer, self.layer)
        )

    @property
    def score(self) -> float:
        """Lowest score shown."""
        return self.settings.score if self.settings.score >= 0 else self.spec.score_threshold

    def ready(self) -> dict[str, Any]:
        """What a browser is told when the settings hold."""
        spec = self.spec
        return {
            "type": "ready",
            "model": spec.name,
            "task": spec.task,
            "title": spec.title,
            "side": max(spec.input_hw),
            "trained": self.model.trained,
            "score": round(self.score, 3),
            "follows": self.detector is not None,
            "layer": self.layer,
            "layers": [[each.name, each.title, list(each.output_shape or ())] for each in self.layers],
            **answers.legend(spec),
        }

    def answer(self, number: int, jpeg: bytes, time_s: float) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Head and parts of the answer to a frame. time_s: when it arrived, seconds, rising. Raises ImageError."""
        start = time.perf_counter()
        image = load_frame(jpeg)
        decoded = time.perf_counter()
        looked = self._look(image, time_s)
        seen = time.perf_counter()
        head, parts = self._result(looked.raw, time_s)
        if looked.maps is not None and looked.letterbox is not None:
            key = (self.layer, self.settings.channels, self.settings.pick)
            head["maps"], parts["maps"] = self._strip.draw(looked.maps, looked.letterbox, self.settings.channels, key)
        head |= {
            "frame": number,
            "task": self.spec.task,
            "size": [image.size_hw[1], image.size_hw[0]],
            "ms": {
                "decode": _ms(decoded - start),
                "search": _ms(looked.searched_s),
                "network": _ms(looked.raw.forward_s),
                "prepare": _ms(seen - decoded - looked.raw.forward_s - looked.searched_s),
                "answer": _ms(time.perf_counter() - seen),
            },
        }
        return head, parts

    def _warm_up(self) -> None:
        """The first pass of a network takes seconds; let no frame wait for it."""
        side = max(self.spec.input_hw)
        grey = image_from_pixels(np.full((side, side, 3), 127, np.uint8))
        self._tracks.load()
        if self.detector is not None:
            engine().forward_once(self.detector, grey)
        if self.layer:
            maps.forward_with_maps(self.spec, grey, None, self.layer)
        else:
            engine().forward_once(self.spec, grey)

    def _look(self, image: Image, time_s: float) -> Looked:
        people, searched_s = None, 0.0
        if self.detector is not None:
            people, searched_s = self._people(self.detector, image, time_s)
        if not self.layer:
            return Looked(engine().forward_once(self.spec, image, people), None, None, searched_s)
        raw, found = maps.forward_with_maps(self.spec, image, people, self.layer)
        return Looked(raw, found, raw.letterboxes[0] if raw.letterboxes else None, searched_s)

    def _people(self, detector: ModelSpec, image: Image, time_s: float) -> tuple[Detections, float]:
        start = time.perf_counter()
        if not self._follower.must_search(time_s):
            return self._follower.people(image.size_hw), 0.0
        raw = engine().forward_once(detector, image)
        found = tasks.decode(detector, raw, DetectParams(score_threshold=_PERSON_SCORE, class_ids=(_PERSON,)))
        self._follower.found(found, time_s)
        return self._follower.people(image.size_hw), time.perf_counter() - start

    def _result(self, raw: RawOutput, time_s: float) -> tuple[dict[str, Any], dict[str, bytes]]:
        task = self.spec.task
        if task == "detect":
            return self._detections(raw, time_s), {}
        if task == "pose":
            return self._poses(raw, time_s), {}
        if task == "segment":
            result = tasks.decode(self.spec, raw, SegmentParams())
            head, mask = answers.segmentation_answer(result, self.spec.class_names, self.settings.classes)
            return head, {"mask": mask}
        result = tasks.decode(self.spec, raw, ClassifyParams())
        return answers.classification_answer(self._average(result, time_s) if self.settings.smooth else result), {}

    def _detections(self, raw: RawOutput, time_s: float) -> dict[str, Any]:
        floor = self.score * (KEEPS_ALIVE if self.settings.track else 1)
        params = DetectParams(score_threshold=floor, class_ids=self.settings.classes)
        found = tasks.decode(self.spec, raw, params)
        numbers = self._numbers(found, self.settings.track, time_s)
        shown = np.flatnonzero(found.scores >= self.score)
        return answers.detections_answer(found.take(shown), numbers[shown])

    def _poses(self, raw: RawOutput, time_s: float) -> dict[str, Any]:
        chosen, score = self.settings, self.score
        tracked = chosen.track or chosen.smooth
        floor = score * (KEEPS_ALIVE if tracked else 1)
        if self.detector is not None and raw.people is not None:
            everybody = tasks.decode(self.spec, raw, PoseParams(score_threshold=0.0))
            self._follow(raw, everybody)
        poses: Poses = tasks.decode(self.spec, raw, PoseParams(score_threshold=floor))
        numbers = self._numbers(poses.boxes, tracked, time_s)
        if chosen.smooth:
            poses = self._tracks.smoothed(poses, numbers, chosen, time_s)
        shown = np.flatnonzero(poses.boxes.scores >= score)
        return answers.poses_answer(poses.take(shown), numbers[shown] if chosen.track else numbers[shown] * 0 - 1)

    def _follow(self, raw: RawOutput, everybody: Poses) -> None:
        """Tell the follower where the joints are. The decoder sorts people by score: each is matched by its box."""
        assert raw.people is not None
        order = [int(np.abs(raw.people.xyxy - box).sum(axis=1).argmin()) for box in everybody.boxes.xyxy]
        self._follower.saw(everybody, raw.people.take(np.array(order, np.int64)))

    def _numbers(self, found: Detections, wanted: bool, time_s: float) -> NDArray[np.int64]:
        return self._tracks.number(found, self.score, time_s) if wanted else np.full(len(found), -1, np.int64)


def _ms(seconds: float) -> float:
    return round(max(seconds, 0.0) * 1000, 1)
