"""What a training run leaves on disk: a checkpoint to resume from, and a readable log."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from cvdemo.errors import UsageError


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
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
    """The state saved last, or None where there is none. Loads tensors and plain values only, no code.

    Raises UsageError when the file is damaged.
    """
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, UnpicklingError) as error:
        raise UsageError(f"The checkpoint '{path}' is damaged; start over with --fresh.") from error
    return state


def save_json(path: Path, value: object) -> None:
    """Write indented JSON atomically."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    replace_file(path, lambda target: target.write_text(text, encoding="utf-8"))
