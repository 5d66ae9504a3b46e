"""Watches one forward pass operation by operation: what every tensor sees of the input, and what each layer costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakIdKeyDictionary

from cvdemo.inspect.reach import Reach
from cvdemo.inspect.reach_call import Call
from cvdemo.inspect.reach_rules import RULES, reach_after


def multiply_adds(name: str, args: tuple[Any, ...], out: Tensor) -> int:
    """Multiply-accumulate operations of one ATen call; a bias counts as one more addition per result.

    name: the operation without overload. Convolutions and matrix products count, all else is small beside them.
    """
    if name in ("convolution", "_convolution"):
        weight, bias, transposed = args[1], args[2], args[6]
        elements = args[0].numel() // args[0].shape[1] * weight.shape[0] if transposed else out.numel()
        return elements * (weight.numel() // weight.shape[0]) + (out.numel() if bias is not None else 0)
    if name in ("mm", "bmm"):
        return out.numel() * args[0].shape[-1]
    if name in ("addmm", "baddbmm"):
        return out.numel() * (args[1].shape[-1] + 1)
    return 0


class Dataflow(TorchDispatchMode):
    """Within the block, operations on image and on whatever comes of it are followed.

    guesses: operations for which no rule is known; what they return is taken to see all that they were given.
    on_cost: called with the multiply-adds of every operation, while it runs.
    """

    def __init__(self, image: Tensor, on_cost: Callable[[int], None]) -> None:
        super().__init__()
        self._reach = WeakIdKeyDictionary()
        self._reach[image] = Reach.of_input(image)
        self._on_cost = on_cost
        self._writes: Counter[int] = Counter()
        self.guesses: set[str] = set()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """torch would import its compiler (four seconds) to keep it away from this class."""
        return False

    def reach(self, tensor: Any) -> Reach | None:
        """What a tensor sees of the input; None for one that does not depend on it."""
        return self._reach.get(tensor) if isinstance(tensor, Tensor) else None

    def writes(self, storage: int) -> int:
        """How often a piece of memory (storage_id) was overwritten in place so far, as by ReLU(inplace=True).

        Memory that was freed and given out again goes on counting, so that too many are possible, too few are not.
        """
        return self._writes[storage]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = func.__name__.split(".")[0]
        if name not in RULES and func is not torch.ops.prim.device.default:
            with self:
                whole = func.decompose(*args, **kwargs)
            if whole is not NotImplemented:
                return whole
        out = func(*args, **kwargs)
        if func._schema.is_mutable and args and isinstance(args[0], Tensor):
            self._writes[storage_id(args[0])] += 1
        self._follow(func, name, _positional(func, args, kwargs), out)
        return out

    def _follow(self, func: Any, name: str, args: tuple[Any, ...], out: Any) -> None:
        tensors = out if isinstance(out, (tuple, list)) else [out]
        if not any(isinstance(tensor, Tensor) for tensor in tensors):
            return
        if isinstance(out, Tensor) and (cost := multiply_adds(name, args, out)):
            self._on_cost(cost)
        reaches, known = reach_after(Call(func, args, out, self.reach))
        if not known:
            self.guesses.add(name)
        for tensor, reach in zip(tensors, reaches, strict=False):
            if reach is not None and isinstance(tensor, Tensor):
                self._reach[tensor] = reach


def storage_id(tensor: Tensor) -> int:
    """Tells apart the pieces of memory that tensors lie in, as long as they are in use."""
    return tensor.untyped_storage()._cdata


def _positional(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """All arguments of an operation in the order of its schema, without trailing defaults."""
    if not kwargs:
        return args
    rest = func._schema.arguments[len(args) :]
    values = [kwargs.get(argument.name, argument.default_value) for argument in rest if not argument.kwarg_only]
    return (*args, *values)
