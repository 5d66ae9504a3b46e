"""How much memory the feature maps of one forward pass need, counted operation by operation."""

from __future__ import annotations

import weakref
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _Living(TorchDispatchMode):
    """Bytes of all tensors that operations within the block have made and nobody has let go of yet."""

    def __init__(self, known: set[int]) -> None:
        super().__init__()
        self._known, self._refs = known, {}  # type: set[int], dict[int, Any]
        self.now = self.peak = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """torch would import its compiler (four seconds) to keep it away from this class."""
        return False

    def add(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._known or key in self._refs:
            return
        size = storage.nbytes()
        self._refs[key] = weakref.ref(storage, partial(self._gone, key, size))
        self.now += size
        self.peak = max(self.peak, self.now)

    def _gone(self, key: int, size: int, _ref: Any) -> None:
        self._refs.pop(key, None)
        self.now -= size

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(out):
            if isinstance(leaf, Tensor):
                self.add(leaf)
        return out


def peak_bytes(module: nn.Module, inputs: Tensor) -> int:
    """The most bytes that the input and feature maps take at one moment of a forward pass in inference mode.

    inputs: (N, C, H, W). Weights are not counted, nor is what a library uses inside one operation. Works on the meta
    device, where it costs no memory.
    """
    known = {t.untyped_storage()._cdata for t in (*module.parameters(), *module.buffers())}
    with torch.inference_mode(), _Living(known) as living:
        living.add(inputs)
        module(inputs)
    return living.peak
