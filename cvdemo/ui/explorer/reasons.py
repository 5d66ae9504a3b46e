"""A map of reasons over the picture, in which a click asks about what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.types import Detections, Image, Letterbox, Poses, Segmentation
from cvdemo.ui.components import component
from cvdemo.ui.explorer.answers import Answer, target_at
from cvdemo.ui.view_data import jpeg_url

_SIDE = 1100
_HINTS = {
    Segmentation: "Click a place of the picture to ask about the region there.",
    Detections: "Click a thing to ask about it.",
    Poses: "Click a joint to ask about it.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where an explanation stands. key: of the network and the picture."""

    key: str
    image: Image
    answer: Answer


def show(place: Place, values: NDArray[np.float32], box: Letterbox, caption: str) -> None:
    """The map over the picture. values: (h, w) over the whole of the network's input, which box lays on the picture."""
    height, width = place.image.size_hw
    hint = _HINTS.get(type(place.answer.result), "")
    component("explorer_why")(
        key="explorer-why",
        data={
            "src": jpeg_url(painted(place.image, values, box), _SIDE), "width": width, "height": height,
            "alt": f"{place.image.name}: {caption}", "caption": caption, "hint": hint,
        },
        on_point_change=lambda: _clicked(place),
    )  # fmt: skip


def painted(image: Image, values: NDArray[np.float32], box: Letterbox) -> NDArray[np.uint8]:
    """(H, W, 3): the map over the picture."""
    from cvdemo.viz.features import draw_map

    return draw_map(image, values, box, colormap="magma", opacity=0.6)


def _clicked(place: Place) -> None:
    """Ask about what is at the point, from the next run on."""
    told: Any = (st.session_state.get("explorer-why") or {}).get("point")
    height, width = place.image.size_hw
    if not isinstance(told, (list, tuple)) or len(told) != 2 or not all(isinstance(v, int | float) for v in told):
        return
    x, y = (min(max(float(v), 0.0), size - 1.0) for v, size in zip(told, (width, height), strict=True))
    if called := target_at(place.answer, x, y):
        st.session_state[f"why-clicked-{place.key}"] = called
