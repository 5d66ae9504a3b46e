"""A finished training becomes shipped weights: the file, its papers in the manifest, and its log beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import nn

from cvdemo.registry import ModelSpec
from cvdemo.settings import settings
from cvdemo.training.checkpoint import save_json
from cvdemo.weights import Accuracy, save_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where trained weights come from, as weights/manifest.json says it."""

    source: str
    licence: str
    regenerate: str


def install(
    spec: ModelSpec,
    network: nn.Module,
    origin: Origin,
    log: dict[str, Any],
    measure: Callable[[], tuple[Accuracy, ...]],
) -> Path:
    """Write the weights, measure the file as the app runs it, and note the figures in manifest and log.

    measure: evaluates spec from the weights folder; called once the file is there. Returns the path written.
    """
    folder = settings().weights_dir
    state = {
        name: tensor.detach().float().cpu().numpy()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")  # inference does not read the batch counters
    }
    papers = {"parameters": count_parameters(network), **asdict(origin)}
    save_weights(folder, spec.weights, state, papers)
    accuracy = measure()
    save_weights(folder, spec.weights, state, papers | {"accuracy": accuracy})
    save_json(folder / f"{spec.name}.log.json", log | {"figures": [asdict(figure) for figure in accuracy]})
    return folder / spec.weights


def continued(spec: ModelSpec, log: dict[str, Any]) -> dict[str, Any]:
    """The log of a later stage, after the epochs of the stages before it as the installed network's log has them."""
    earlier = json.loads((settings().weights_dir / f"{spec.name}.log.json").read_text(encoding="utf-8"))
    first, stage = earlier["recipe"], log["recipe"]["stage"]
    later = [recipe for recipe in first.get("later", []) if recipe["stage"] < stage]
    count = first["epochs"] + sum(recipe["epochs"] for recipe in later)
    before = earlier["epochs"][:count]
    after = [record | {"epoch": record["epoch"] + len(before)} for record in log["epochs"]]
    recipe = first | {"later": [*later, log["recipe"]]}
    seconds = sum(record["seconds"] for record in [*before, *after])
    return log | {"seconds": round(seconds, 1), "recipe": recipe, "epochs": [*before, *after]}


def count_parameters(network: nn.Module) -> int:
    """Trainable numbers in a network."""
    return sum(parameter.numel() for parameter in network.parameters())
