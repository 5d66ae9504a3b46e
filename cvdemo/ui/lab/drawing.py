"""A sheet to draw a garment on."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import streamlit as st

from cvdemo.errors import ImageError
from cvdemo.fashion_samples import fashion_samples
from cvdemo.imaging import load_image
from cvdemo.labels import FASHION
from cvdemo.types import Image
from cvdemo.ui.components import component
from cvdemo.ui.lab import pictures

_START, _ROUND = "lab_drawing_start", "lab_drawing_round"
_EMPTY = "empty"
_PREFIX = "data:image/png;base64,"
#: Larger than any 280 x 280 drawing.
_MOST_BYTES = 1_000_000


def sheet() -> Image | None:
    """Draw the sheet; returns what is on it, None while it is empty. Raises ImageError for what is no drawing."""
    start = st.session_state.get(_START, str(_example(8)))
    key = f"{start}:{st.session_state.get(_ROUND, 0)}"
    state = component("garment_canvas")(
        key="lab-canvas",
        data={
            "key": key,
            "base": None if start == _EMPTY else pictures.sample_url(int(start)),
            "label": "Sheet to draw a garment on",
        },
        on_drawing_change=lambda: None,
    )
    _starts(start)
    drawing: Any = state.drawing
    if isinstance(drawing, dict) and drawing.get("key") == key:
        image = _decoded(drawing.get("png"))
        return image if image.pixels.max() > 24 else None
    return None if start == _EMPTY else pictures.sample_image(int(start))


def _starts(current: str) -> None:
    st.caption(
        "Fill the shape, as in the pictures the networks know. Start from one of these, change it, or draw anew:"
    )
    examples = [
        {"key": str(_example(c)), "src": pictures.sample_url(_example(c)), "alt": f"Start from a picture: {FASHION[c]}"}
        for c in range(len(FASHION))
    ]
    empty = {"key": _EMPTY, "src": pictures.png_url(fashion_samples().images[0] * 0), "alt": "Empty sheet"}
    pictures.choice("lab-starts", "Start from", [empty, *examples], current, size="2.8rem", on_pick=_begin)


def _begin() -> None:
    picked = st.session_state["lab-starts"].get("picked")
    known = {_EMPTY, *(str(_example(c)) for c in range(len(FASHION)))}
    if picked in known:
        st.session_state[_START] = picked
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _example(class_id: int) -> int:
    """The first shipped image of a class; they lie class by class."""
    return class_id * (len(fashion_samples().labels) // len(FASHION))


def _decoded(url: object) -> Image:
    if not isinstance(url, str) or not url.startswith(_PREFIX) or len(url) > _MOST_BYTES:
        raise ImageError("The drawing did not arrive; draw another stroke.")
    try:
        data = base64.b64decode(url.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ImageError("The drawing did not arrive whole; draw another stroke.") from error
    return load_image(data, "drawing")
