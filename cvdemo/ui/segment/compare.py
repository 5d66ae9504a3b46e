"""U-Net beside FCN: two masks of one street, where they differ, and how much."""

from __future__ import annotations

import streamlit as st

from cvdemo import tasks
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.tasks import agreement
from cvdemo.types import Image, Segmentation
from cvdemo.ui import words
from cvdemo.ui.components import component
from cvdemo.ui.segment import drawing
from cvdemo.ui.view_data import jpeg_url
from cvdemo.weights import papers

_UNET, _FCN = "unet-street", "fcn-street"
_PAIRS = 4


def panel(spec: ModelSpec, image: Image, result: Segmentation) -> None:
    """Draw the panel; the other network runs once a picture."""
    if spec.name not in (_UNET, _FCN):
        st.markdown(
            "Only streets have an FCN to compare with: no FCN was trained for clothes. Choose **Streets** above to "
            "see the two side by side."
        )
        return
    unet, fcn = REGISTRY.get(_UNET), REGISTRY.get(_FCN)
    with st.spinner("Both networks are looking at the picture", show_time=False):
        first, second = tasks.run(unet, image).result, tasks.run(fcn, image).result
        found = agreement.compare(first, second)
    st.markdown(f"**The two agree on {words.percent(found.share)} of the pixels.** {_confused(unet, found)}")
    from cvdemo.viz.difference import draw_difference

    pixels = drawing.small(image)
    difference = draw_difference(pixels, drawing.fitted(found.differs, pixels))
    component("side_by_side")(
        key="segment-compare",
        data={
            "pictures": [
                {"src": drawing.answer_url(unet, image.sha256, image), "title": "U-Net", "caption": _papers(unet)},
                {"src": drawing.answer_url(fcn, image.sha256, image), "title": "FCN-8s", "caption": _papers(fcn)},
                {
                    "src": jpeg_url(difference, drawing.SIDE),
                    "title": "Difference",
                    "caption": f"Orange: another class, {words.percent(1 - found.share)} of the pixels.",
                },
            ],
            "legend": drawing.legend(unet, first, second),
            "most": drawing.widest(pixels, count=3),
        },
    )
    st.caption(
        "Same encoder, same training pictures. FCN adds coarse class scores of three sizes and enlarges them eight "
        "times; U-Net's decoder goes back up in steps and at each of them takes in the encoder's finer map."
    )


def _confused(spec: ModelSpec, found: agreement.Agreement) -> str:
    """The most frequent disagreements in words."""
    names = spec.class_names
    said = [f"{names[a]} or {names[b]} ({words.percent(share)})" for a, b, share in found.pairs[:_PAIRS] if share > 0]
    return f"U-Net's word first, they differ most about {', '.join(said)}." if said else ""


def _papers(spec: ModelSpec) -> str:
    row = papers(spec)
    if row is None:
        return ""
    accuracy = next((f", {a.metric} {a.value:.3f} on {a.dataset}" for a in row.accuracy if a.metric == "mIoU"), "")
    return f"{words.amount(row.parameters)} parameters{accuracy}"
