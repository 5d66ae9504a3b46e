"""Forward hooks that see only their own thread and never outlive the block that set them.

The engine's inspection module of a model is shared by all users. A hook of one user therefore ignores forward passes of
the others, which makes capturing, ablating and explaining safe side by side without a lock held over a forward pass.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cvdemo.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor, nn

#: Given the layer's name and its (first) output tensor; a returned tensor takes the output's place.
Hook = Callable[[str, "Tensor"], "Tensor | None"]


def call_name(module_name: str, call: int) -> str:
    """Name of a module's call-th call in one forward pass: the module's own name, from the second on with ':2' ..."""
    return module_name if call == 1 else f"{module_name}:{call}"


def split_name(layer: str) -> tuple[str, int]:
    """The module's name and the number of the call that a layer's name stands for."""
    module_name, _, call = layer.partition(":")
    return module_name, int(call) if call.isdecimal() else 1


def first_tensor(output: Any) -> Tensor | None:
    """The tensor that stands for a module's output: itself, or the first one in a tuple, list or dict."""
    import torch

    if isinstance(output, torch.Tensor):
        return output
    values = output.values() if isinstance(output, dict) else output if isinstance(output, (tuple, list)) else ()
    return next((found for value in values if (found := first_tensor(value)) is not None), None)


def _replace_first(output: Any, old: Tensor, new: Tensor) -> Any:
    """The module's output with one tensor exchanged, in containers of the same type."""
    if output is old:
        return new
    if isinstance(output, dict):
        return type(output)((key, _replace_first(value, old, new)) for key, value in output.items())
    if isinstance(output, (tuple, list)):
        values = [_replace_first(value, old, new) for value in output]
        return type(output)(*values) if hasattr(output, "_fields") else type(output)(values)
    return output


@contextmanager
def watching(module: nn.Module, layers: Iterable[str], hook: Hook) -> Iterator[None]:
    """Within the block, hook(layer, output) runs after each of the layers, in forward passes of this thread.

    layers: names as in module.named_modules(), with ':2' for a module's second call in a pass, and so on. Raises
    UsageError for a name that does not exist. An exception from the hook ends the forward pass; the hooks go away
    whatever happens.
    """
    wanted: dict[str, set[int]] = {}
    for layer in layers:
        module_name, call = split_name(layer)
        wanted.setdefault(module_name, set()).add(call)
    modules = dict(module.named_modules())
    if unknown := wanted.keys() - modules.keys():
        raise UsageError(f"This network has no layer '{min(unknown)}'; choose one from the layer tree.")
    thread, calls, handles = threading.get_ident(), Counter[str](), []

    def start(_module: nn.Module, _args: Any) -> None:
        if threading.get_ident() == thread:
            calls.clear()

    def finish(name: str) -> Callable[[nn.Module, Any, Any], Any]:
        def after(_module: nn.Module, _args: Any, output: Any) -> Any:
            if threading.get_ident() != thread:
                return None
            calls[name] += 1
            tensor = first_tensor(output)
            if tensor is None or calls[name] not in wanted[name]:
                return None
            changed = hook(call_name(name, calls[name]), tensor)
            return None if changed is None else _replace_first(output, tensor, changed)

        return after

    try:
        handles.append(module.register_forward_pre_hook(start))
        handles.extend(modules[name].register_forward_hook(finish(name)) for name in wanted)
        yield
    finally:
        for handle in handles:
            handle.remove()


def hook_count(module: nn.Module) -> int:
    """How many hooks hang on a module and all modules in it."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(getattr(child, kind)) for child in module.modules() for kind in kinds)
