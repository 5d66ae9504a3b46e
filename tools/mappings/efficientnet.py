"""EfficientNet-Lite0: the PyPI package and timm define the same layers in the same order under other names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cvdemo.models import family_of
from cvdemo.registry import REGISTRY


def read(package: Path) -> dict[str, NDArray[Any]]:
    """State dict from the package's .pth file, or from the folder (however deep) that holds it."""
    import torch

    path = package if package.is_file() else next(iter(sorted(package.rglob("efficientnet-lite0-*.pth"))))
    published = torch.load(path, map_location="cpu", weights_only=True)
    spec = REGISTRY.get("efficientnet-lite0")
    names = family_of(spec).build(spec).state_dict()
    if len(names) != len(published):
        raise ValueError(f"{path.name} holds {len(published)} tensors, not {len(names)}")
    return {name: tensor.numpy() for name, tensor in zip(names, published.values(), strict=True)}
