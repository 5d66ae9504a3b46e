"""Try a network: on a test image, a drawing or a photo."""

from __future__ import annotations

import streamlit as st

from cvdemo.fashion_samples import fashion_samples
from cvdemo.types import Image
from cvdemo.ui import address, inside, sources
from cvdemo.ui.lab import answer, drawing, pictures, reports, samples, worn
from cvdemo.ui.lab.choice import Chosen
from cvdemo.ui.notices import explained, notice

_SOURCES = {"images": "Test images", "draw": "Draw", "photo": "Photo"}
_KEY = "lab-source"


@st.fragment
def panel(chosen: Chosen) -> None:
    """Where the picture comes from, the picture, the answer, and how the one led to the other."""
    source = _source()
    with explained():
        image = {"images": _from_the_test_set, "draw": _drawn, "photo": _photo}[source](chosen)
        if image is None:
            return
        if source != "images":
            answer.steps(image)
        if chosen.spec:
            inside.panel(chosen.spec, image)


def _source() -> str:
    if (asked := address.take("source")) in _SOURCES:
        st.session_state[_KEY] = asked
    st.session_state.setdefault(_KEY, "images")
    source = st.segmented_control(
        "Picture from",
        list(_SOURCES),
        format_func=_SOURCES.__getitem__,
        key=_KEY,
        persist_state="session",
        required=True,
        label_visibility="collapsed",
    )
    address.write({"source": source if source != "images" else None})
    return source or "images"


def _from_the_test_set(chosen: Chosen) -> Image | None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        index = samples.browse(reports.report(chosen))
    if index is None:
        return None
    image = pictures.sample_image(index)
    with right:
        alt = f"Test image {fashion_samples().test_index[index]:,}"
        answer.panel(chosen, image, truth=int(fashion_samples().labels[index]), caption=alt)
    return image


def _drawn(chosen: Chosen) -> Image | None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        image = drawing.sheet()
    with right:
        if image is None:
            chosen.chip()
            notice("The sheet is empty. Draw a garment, or start from one of the pictures below the sheet.")
        else:
            answer.panel(chosen, image)
    return image


def _photo(chosen: Chosen) -> Image | None:
    image = sources.picture()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        # A garment on a plain surface is answered at once; only else the photo is searched for somebody who wears one.
        plain = answer.verdict_of(image.sha256, image).trusted
        garment = image if plain else worn.choose(image)
        st.image(image.pixels, width="stretch" if image.size_hw[1] > 400 else "content", alt=image.name)
        if garment is image:
            st.caption("Works with one garment laid out on a plain surface, all of it in view, or worn by somebody.")
    with right:
        answer.panel(chosen, garment)
    return garment
