"""How a shipped network was trained: the curves of the log that lies beside its weights."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from cvdemo.registry import ModelSpec
from cvdemo.settings import settings
from cvdemo.ui import words

_CHART = {"displayModeBar": False, "responsive": True}
#: Field of an epoch's record -> the curve's name.
_CURVES = {
    "accuracy": "training images",
    "held_out_accuracy": "held-out images",
    "val_pixel_accuracy": "validation, pixels right",
    "val_miou": "validation, mean IoU",
}


def read(spec: ModelSpec) -> dict[str, Any]:
    """The log, empty where there is none."""
    path = settings().weights_dir / f"{spec.name}.log.json"
    if not path.is_file():
        return {}
    log: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return log


def panel(spec: ModelSpec, key: str) -> None:
    """Loss and accuracy over the epochs, and what was done; nothing for a network without a log."""
    from cvdemo.viz.lab_figures import training_curves

    log = read(spec)
    if not log:
        return
    epochs = log["epochs"]
    shares = {name: [(e["epoch"], e[field]) for e in epochs if field in e] for field, name in _CURVES.items()}
    loss, accuracy = st.columns(2, gap="large")
    with loss:
        figure = training_curves({"loss": [(e["epoch"], e["loss"]) for e in epochs]}, "Loss", percent=False)
        st.plotly_chart(figure, key=f"{key}-loss", config=_CHART)
    with accuracy:
        figure = training_curves({name: curve for name, curve in shares.items() if curve}, "Accuracy", percent=True)
        st.plotly_chart(figure, key=f"{key}-accuracy", config=_CHART)
    st.caption(said(log))


def said(log: dict[str, Any]) -> str:
    """What the training was, in a sentence or two."""
    count, recipe = len(log["epochs"]), log["recipe"]
    if "crop_hw" in recipe:
        height, width = recipe["crop_hw"]
        late = sum(stage["epochs"] for stage in recipe.get("later", []))
        after = f", the last {late} of them on other views at a lower rate" if late else ""
        return f"{words.counted(count, 'epoch')} on random views of {width} × {height} pixels{after}."
    varied = any(recipe.get("augmentation", {}).values())
    how = "changed at random each time, which makes them harder than the held-out ones" if varied else "always the same"
    return f"{words.counted(count, 'epoch')} on 55,000 images, {how}. The test images were looked at once, at the end."
