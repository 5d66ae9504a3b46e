"""What a row says, and the table that keeps the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from cvdemo.errors import UnknownModelError
from cvdemo.labels import label_set

Task = Literal["classify", "detect", "segment", "pose"]
TASKS: tuple[Task, ...] = ("classify", "detect", "segment", "pose")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """What is known about a model without loading it.

    name: unique key, as used on the command line. family: the module of cvdemo.models that builds it.
    variant: which member of the family, in the family's own terms. weights: file name in weights/, whose
    source, licence, SHA-256 and accuracy stand in weights/manifest.json. labels: name of a set in
    cvdemo.labels. input_hw: height and width of the network's input in pixels; for families that keep the
    picture's aspect, the largest side. detector: for top-down pose, the registered model that finds the people.
    score_threshold: the useful default. default: first choice of its task. licence: of weights
    that have no row in the manifest. aliases: other names accepted for it.
    """

    name: str
    task: Task
    title: str
    summary: str
    family: str
    variant: str = ""
    weights: str
    labels: str
    input_hw: tuple[int, int]
    detector: str | None = None
    score_threshold: float = field(default=0.3)
    default: bool = False
    licence: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the network's outputs."""
        return label_set(self.labels)


class Registry:
    """Models by name; refuses duplicates, and an unknown name is answered with the known ones."""

    def __init__(self, specs: Iterable[ModelSpec] = ()) -> None:
        self._specs: dict[str, ModelSpec] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: ModelSpec) -> None:
        """Register a model. Raises ValueError when the name is taken or the task already has a default."""
        taken = {name for known in self for name in (known.name, *known.aliases)}
        if clash := taken & {spec.name, *spec.aliases}:
            raise ValueError(f"model name {clash.pop()!r} is registered already")
        if spec.default and any(s.default for s in self.of_task(spec.task)):
            raise ValueError(f"task {spec.task!r} has a default model already")
        self._specs[spec.name] = spec

    def __iter__(self) -> Iterator[ModelSpec]:
        return iter(self._specs.values())

    def of_task(self, task: str) -> list[ModelSpec]:
        """All models of a task, default first."""
        return sorted((s for s in self if s.task == task), key=lambda s: not s.default)

    def get(self, name: str, task: str | None = None) -> ModelSpec:
        """The model of that name (and task). Raises UnknownModelError."""
        specs = self.of_task(task) if task else list(self)
        for spec in specs:
            if name in (spec.name, *spec.aliases):
                return spec
        kind = f" for {task}" if task else ""
        names = ", ".join(spec.name for spec in specs)
        raise UnknownModelError(f"There is no model '{name}'{kind}; choose one of: {names}.")

    def default(self, task: str) -> ModelSpec:
        """The model a task starts with. Raises UnknownModelError when the task has none."""
        specs = self.of_task(task)
        if not specs:
            raise UnknownModelError(f"There is no task '{task}'; choose one of: {', '.join(TASKS)}.")
        return specs[0]
