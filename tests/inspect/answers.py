"""Real networks of every task with their answer to a sample photo, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from torch import nn

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.inspect.target import Target
from cvdemo.inspect.targets import best_target
from cvdemo.models import family_of
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.samples import load_sample
from cvdemo.types import Image, RawOutput, Result

#: Model -> a sample that it has an answer to: all four tasks, every family whose weights are in the repository.
PICTURES = {
    "efficientnet-lite0": "coffee",
    "fashion-nano": "coffee",
    "centernet": "street",
    "nanodet": "street",
    "unet-street": "street",
    "movenet-lightning": "sideline",
    "movenet-multipose": "sideline",
    "posenet": "street",
}
NAMES = list(PICTURES)
#: One a task, for what is slow.
ONE_EACH = ["efficientnet-lite0", "centernet", "unet-street", "movenet-lightning"]


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """target: of the first answer."""

    spec: ModelSpec
    image: Image
    raw: RawOutput
    result: Result
    target: Target

    @property
    def module(self) -> nn.Module:
        return engine().module(self.spec)

    @property
    def outputs(self) -> tuple[str, ...]:
        return family_of(self.spec).output_names


@cache
def answered(name: str) -> Answered:
    spec, image = REGISTRY.get(name), load_sample(PICTURES[name])
    raw = engine().forward(spec, image)
    result = tasks.decode(spec, raw, tasks.default_params(spec))
    return Answered(spec, image, raw, result, best_target(spec, raw, result))
