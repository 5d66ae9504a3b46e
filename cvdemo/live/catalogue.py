"""Which networks run on a stream, and at which input sizes: smaller than on a photo where the network allows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cvdemo.errors import UnknownModelError
from cvdemo.registry import REGISTRY, TASKS, ModelSpec
from cvdemo.weights import unavailable_reason

#: family -> (sides of the input on offer, the one to begin with). Networks of convolutions alone take any multiple of
#: their stride; each is decoded for the size it was fed. On one CPU thread CenterNet takes 33 ms at 384 and MultiPose
#: 30 ms at 256, about half of what they take at the size they were trained for. Other families have one size.
_SIDES: dict[str, tuple[tuple[int, ...], int]] = {
    "centernet": ((256, 384, 512), 384),
    "nanodet": ((320, 416), 320),
    "multipose": ((192, 256, 384), 256),
    "posenet": ((257, 385), 257),
    "unet": ((256, 320, 384, 480), 320),
    "fcn": ((256, 320, 384, 480), 320),
    "yolo": ((320, 640), 320),
}
#: Where a stream of each task begins.
_FIRST = {"pose": "movenet-lightning", "detect": "centernet", "segment": "unet-clothing"}
#: The detector in front of a network that looks at each person apart.
DETECTOR_SIDE = 384
#: The clothes of a garment on a black 28 x 28 square: nothing that a webcam shows.
_STILL_ONLY = "fashion"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveModel:
    """A network on offer. sides: of its input, pixels. side: where it begins. trained: the side it was measured at."""

    spec: ModelSpec
    sides: tuple[int, ...]
    side: int
    trained: int

    def at(self, side: int) -> ModelSpec:
        """The row for an input of that side; of the live default for 0 or a side that is not on offer."""
        chosen = side if side in self.sides else self.side
        return self.spec if chosen == self.trained else replace(self.spec, input_hw=(chosen, chosen))


def live_models() -> list[LiveModel]:
    """Every network that can run here, task by task, the one to begin with first."""
    specs = [spec for task in ("pose", "detect", "segment", "classify") for spec in _of_task(task)]
    return [_model(spec) for spec in specs]


def live_model(name: str) -> LiveModel:
    """The network of that name, the first one for no name. Raises UnknownModelError."""
    models = live_models()
    for model in models:
        if name in ("", model.spec.name):
            return model
    names = ", ".join(model.spec.name for model in models)
    raise UnknownModelError(f"There is no live model '{name}'; choose one of: {names}.")


def detector_for(spec: ModelSpec) -> ModelSpec | None:
    """The network that finds the people for a top-down network, None where there is none."""
    if spec.detector is None:
        return None
    found = REGISTRY.get(spec.detector)
    return replace(found, input_hw=(DETECTOR_SIDE, DETECTOR_SIDE))


def _of_task(task: str) -> list[ModelSpec]:
    assert task in TASKS
    usable = [s for s in REGISTRY.of_task(task) if s.family != _STILL_ONLY and unavailable_reason(s) is None]
    return sorted(usable, key=lambda spec: spec.name != _FIRST.get(task))


def _model(spec: ModelSpec) -> LiveModel:
    trained = max(spec.input_hw)
    sides, first = _SIDES.get(spec.family, ((trained,), trained))
    if spec.weights.endswith(".onnx"):  # an exported graph has the size it was exported with
        sides, first = (trained,), trained
    return LiveModel(spec=spec, sides=sides, side=first, trained=trained)
