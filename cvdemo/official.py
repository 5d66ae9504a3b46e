"""Where the published weights of networks lie that do not come with the app."""

from __future__ import annotations

from dataclasses import dataclass

from cvdemo.architectures.catalogue import ARCHITECTURES
from cvdemo.registry import ModelSpec
from cvdemo.registry.yolo import PUBLISHED

_ULTRALYTICS = "https://github.com/ultralytics/assets/releases/download/v8.4.0/"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialFile:
    """A published file. sha256_prefix: first digits of its SHA-256, None where none is published. megabytes: its size,
    None where it is not known before the server says."""

    url: str
    licence: str
    sha256_prefix: str | None = None
    megabytes: int | None = None


def official_file(spec: ModelSpec) -> OfficialFile | None:
    """The published file of a network; None for one that has none, or whose file comes with the app."""
    for entry in ARCHITECTURES:
        if entry.name == spec.name and entry.url:
            return OfficialFile(
                url=entry.url, licence=entry.licence, sha256_prefix=entry.sha256_prefix, megabytes=entry.megabytes
            )
    if spec.family == "yolo" and spec.weights in PUBLISHED:
        return OfficialFile(url=_ULTRALYTICS + spec.weights, licence=spec.licence)
    return None
