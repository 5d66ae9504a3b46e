"""One operation of a network as it ran, and what is common to all rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cvdemo.inspect.reach import PLANES, Reach


@dataclass(frozen=True, slots=True)
class Call:
    """One operation that ran. of: the reach of a tensor, None for constants and weights."""

    func: Any
    args: tuple[Any, ...]
    out: Any
    of: Callable[[Any], Reach | None]

    @property
    def source(self) -> Reach:
        """Reach of the first argument."""
        found = self.of(self.args[0])
        return found if found is not None else hull(self)

    def arg(self, index: int, default: Any) -> Any:
        return self.args[index] if len(self.args) > index and self.args[index] not in ([], None) else default

    def tensors(self) -> list[tuple[Tensor, Reach]]:
        """All arguments that the input has an influence on."""
        flat = [value for arg in self.args for value in (arg if isinstance(arg, (list, tuple)) else [arg])]
        return [(value, reach) for value in flat if (reach := self.of(value)) is not None]


def pair(value: Any) -> tuple[int, int]:
    """Sizes of height and width as torch takes them: a number or one or two of them in a list."""
    values = [value] if isinstance(value, int) else list(value)
    return int(values[0]), int(values[-1])


def hull(call: Call) -> Reach:
    """Everything depends on everything."""
    planes = []
    for index in range(PLANES):
        planes.append(torch.stack([reach.planes[index].amax() for _, reach in call.tensors()]).amax())
    return Reach(tuple(planes), None)
