"""Garments that somebody in the photo wears, cut out so that the garment networks can look at one at a time."""

from __future__ import annotations

import streamlit as st

from cvdemo import tasks
from cvdemo.fashion.wearing import Garment, garments
from cvdemo.registry import REGISTRY
from cvdemo.tasks import subject
from cvdemo.types import Image, Segmentation
from cvdemo.ui import words

_WHOLE = "the whole photo"


def choose(image: Image) -> Image:
    """Where a person is close, the garment of theirs that the visitor chooses; otherwise the photo as it is."""
    found = _worn(image.sha256, image)
    if not found:
        return image
    by_name = {garment.name: garment for garment in found}
    name = st.segmented_control(
        "Look at",
        [*by_name, _WHOLE],
        default=found[0].name,
        format_func=lambda name: name.capitalize(),
        key=f"lab-worn-{image.sha256[:12]}",
        required=True,
    )
    if name not in by_name:
        return image
    share = words.percent(by_name[name].share)
    st.caption(f"Somebody wears it: the U-Net for clothes found the garment ({share} of the photo) and cut it out.")
    return by_name[name].plain


@st.cache_data(max_entries=4, ttl=3600, show_spinner=False)
def _worn(sha256: str, _image: Image) -> list[Garment]:
    if subject.choose(_image).name != "clothes":
        return []
    spec = REGISTRY.get("unet-clothing", "segment")
    result = tasks.run(spec, _image).result
    assert isinstance(result, Segmentation)
    return garments(_image, result, spec.class_names)
