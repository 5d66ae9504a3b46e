"""What a training run leaves on disk: a checkpoint to resume from, a readable log, and weights to ship."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

#: Tensors smaller than this stay float32: they cost nothing and biases and scales are sensitive.
SMALL_TENSOR = 64


def replace_file(path: Path, write: Any) -> None:
    """Call write(temporary path) and move the result into place, so that no half-written file is ever seen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write a resumable state atomically."""
    replace_file(path, lambda target: torch.save(dict(state), target))


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The state saved last, or None where there is none. Loads tensors and plain values only, no code."""
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def save_json(path: Path, value: object) -> None:
    """Write indented JSON atomically."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    replace_file(path, lambda target: target.write_text(text, encoding="utf-8"))


def shipped_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a module's state as they are shipped.

    float16, but float32 for batch-norm statistics (their range is wide) and for tensors below 64 values. The
    batch counters of batch-norm are left out: inference does not read them.
    """
    kept = {}
    for name, tensor in sorted(state.items()):
        if name.endswith("num_batches_tracked"):
            continue
        exact = name.endswith(("running_mean", "running_var")) or tensor.numel() < SMALL_TENSOR
        kept[name] = tensor.detach().cpu().to(torch.float32 if exact else torch.float16).contiguous()
    return kept


def save_weights(path: Path, state: Mapping[str, Tensor]) -> None:
    """Write shipped_state(state) as safetensors, atomically; the same state gives the same bytes."""
    replace_file(path, lambda target: save_file(shipped_state(state), target))
