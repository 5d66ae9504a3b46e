"""What the operator may set through the environment, read once and checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cvdemo.errors import UsageError

_REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """device: auto, cpu, mps, cuda or cuda:N (CVDEMO_DEVICE). threads: CPU threads of one network
    (CVDEMO_THREADS). weights_dir: where weights/ is (CVDEMO_WEIGHTS_DIR). cache_dir: for exported graphs; None keeps
    them in memory (CVDEMO_CACHE_DIR, empty for None). max_models: networks kept loaded (CVDEMO_MAX_MODELS).
    raw_cache_mb: memory for the networks' raw outputs (CVDEMO_RAW_CACHE_MB). downloads: whether visitors may have
    official weights fetched (CVDEMO_DOWNLOADS, on or off)."""

    device: str = "auto"
    threads: int = 1
    weights_dir: Path = _REPOSITORY / "weights"
    cache_dir: Path | None = None
    max_models: int = 10
    raw_cache_mb: int = 128
    downloads: bool = True


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises UsageError naming the variable that makes no sense."""
    return Settings(
        device=environ.get("CVDEMO_DEVICE", "auto"),
        threads=_positive(environ, "CVDEMO_THREADS", min(os.cpu_count() or 1, 4)),
        weights_dir=Path(environ.get("CVDEMO_WEIGHTS_DIR") or _REPOSITORY / "weights"),
        cache_dir=_cache_dir(environ),
        max_models=_positive(environ, "CVDEMO_MAX_MODELS", 10),
        raw_cache_mb=_positive(environ, "CVDEMO_RAW_CACHE_MB", 128),
        downloads=_switch(environ, "CVDEMO_DOWNLOADS", default=True),
    )


@cache
def settings() -> Settings:
    """The settings of this process."""
    return read_settings(os.environ)


def _positive(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"{name} is '{text}'; set it to a whole number of at least 1.")
    return int(text)


def _switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name, "").lower()
    if text not in ("", "on", "off"):
        raise UsageError(f"{name} is '{text}'; set it to on or off.")
    return text == "on" if text else default


def _cache_dir(environ: Mapping[str, str]) -> Path | None:
    if "CVDEMO_CACHE_DIR" in environ:
        return Path(environ["CVDEMO_CACHE_DIR"]) if environ["CVDEMO_CACHE_DIR"] else None
    from platformdirs import user_cache_path

    return user_cache_path("cvdemo", appauthor=False)
