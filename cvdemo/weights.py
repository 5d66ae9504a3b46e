"""Find, verify and load weights: safetensors only, refused unless their SHA-256 is the manifest's."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.errors import WeightsError, WeightsMissingError
from cvdemo.registry import ModelSpec
from cvdemo.settings import settings

if TYPE_CHECKING:
    import torch

MANIFEST = "manifest.json"
#: SHA-256 of files that were fetched from places which publish none.
RECORD = "downloaded.json"
#: Tensors below this size, and batch-norm statistics, stay float32: half precision costs accuracy there and
#: saves nothing.
_FLOAT32_BELOW = 64
_FLOAT32_SUFFIXES = ("running_mean", "running_var")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """value of metric on dataset; of: the network it was measured on ("this file" or "reference network")."""

    value: float
    metric: str
    dataset: str
    of: str = "this file"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsFile:
    """The papers of one weights file, as they stand in weights/manifest.json."""

    sha256: str
    bytes: int
    parameters: int
    source: str
    licence: str
    regenerate: str
    upstream: str = ""
    accuracy: tuple[Accuracy, ...] = ()


def read_manifest(folder: Path | None = None) -> dict[str, WeightsFile]:
    """File name -> papers. An absent manifest is an empty one. Raises WeightsError when it is unreadable."""
    path = (folder or settings().weights_dir) / MANIFEST
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    return _parse_manifest(path, stamp)


@lru_cache(maxsize=4)
def _parse_manifest(path: Path, stamp: int) -> dict[str, WeightsFile]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: WeightsFile(**{**row, "accuracy": tuple(Accuracy(**a) for a in row.get("accuracy", ()))})
            for name, row in rows.items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise WeightsError(f"weights/{MANIFEST} cannot be read ({error}); restore it from the repository.") from error


def papers(spec: ModelSpec) -> WeightsFile | None:
    """The manifest's row of a model's weights, or None for weights that are not the project's own."""
    return read_manifest().get(spec.weights)


def weights_path(spec: ModelSpec) -> Path:
    """Where the weights of a model are expected; the file may be missing."""
    return settings().weights_dir / spec.weights


def unavailable_reason(spec: ModelSpec) -> str | None:
    """None when the weights are on this machine, else one sentence with the remedy. Reads no weights."""
    if weights_path(spec).is_file():
        return None
    if spec.weights in read_manifest():
        return f"weights/{spec.weights} is missing; restore it from the repository."
    return (
        f"{spec.title} is not downloaded; fetch it on the page Models, or put {spec.weights} into the weights folder."
    )


def verified_path(spec: ModelSpec, *, pinned: bool = True) -> Path:
    """The weights file of a model, after checking it against the manifest's SHA-256.

    pinned: whether a file without a row in the manifest is refused; False for what the operator put there.
    Raises WeightsMissingError when it is not there and WeightsError when it is not the file it should be.
    """
    if reason := unavailable_reason(spec):
        raise WeightsMissingError(reason)
    path = weights_path(spec)
    row = papers(spec)
    if row is None and not pinned:
        _check_record(path)
        return path
    if row is None:
        raise WeightsError(f"weights/{spec.weights} is not in {MANIFEST}, so it cannot be trusted; remove it.")
    if file_sha256(path) != row.sha256:
        raise WeightsError(
            f"weights/{spec.weights} is not the file it should be (its SHA-256 differs from {MANIFEST}); "
            "restore it from the repository."
        )
    return path


def record_download(path: Path, sha256: str, url: str) -> None:
    """Note what a file was when it was fetched; from then on another file of that name is refused."""
    record = path.parent / RECORD
    rows = _read_record(record) | {path.name: {"sha256": sha256, "url": url}}
    _replace(record, (json.dumps(rows, indent=1, sort_keys=True) + "\n").encode())


def _read_record(record: Path) -> dict[str, Any]:
    try:
        rows = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise WeightsError(f"weights/{RECORD} cannot be read ({error}); remove it and what it lists.") from error
    return rows if isinstance(rows, dict) else {}


def _check_record(path: Path) -> None:
    row = _read_record(path.parent / RECORD).get(path.name)
    if row is not None and file_sha256(path) != row["sha256"]:
        raise WeightsError(
            f"weights/{path.name} is not the file that was fetched (its SHA-256 differs); remove it and fetch it again."
        )


def file_sha256(path: Path) -> str:
    """Hex digest of a file; read again only when the file has changed."""
    stat = path.stat()
    return _sha256(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _sha256(path: Path, stamp: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_state(spec: ModelSpec) -> dict[str, torch.Tensor]:
    """The verified state dict of a model, floating-point tensors as float32 on the CPU. Raises WeightsError."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = verified_path(spec)
    try:
        state = load_file(path)
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"weights/{spec.weights} cannot be read ({error}); restore it.") from error
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}


def save_weights(
    folder: Path, filename: str, state: Mapping[str, NDArray[Any]], papers: Mapping[str, Any]
) -> WeightsFile:
    """Write a weights file (float16; small tensors float32; deterministic bytes) and its row in the manifest.

    state: the module's state dict as numpy arrays. papers: the fields of WeightsFile but sha256 and bytes.
    Both files are replaced atomically.
    """
    from safetensors.numpy import save

    stored = {name: _stored(name, array) for name, array in sorted(state.items())}
    blob = save(stored)
    row = WeightsFile(sha256=hashlib.sha256(blob).hexdigest(), bytes=len(blob), **papers)
    _replace(folder / filename, blob)
    rows = {name: asdict(known) for name, known in read_manifest(folder).items()} | {filename: asdict(row)}
    _replace(folder / MANIFEST, (json.dumps(dict(sorted(rows.items())), indent=2) + "\n").encode())
    _parse_manifest.cache_clear()
    return row


def _stored(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind != "f":
        return np.ascontiguousarray(array)
    keep = array.size < _FLOAT32_BELOW or name.endswith(_FLOAT32_SUFFIXES)
    return np.ascontiguousarray(array, np.float32 if keep else np.float16)


def _replace(path: Path, data: bytes) -> None:
    """Write so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
