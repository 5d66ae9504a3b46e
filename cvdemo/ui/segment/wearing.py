"""What am I wearing: pieces of clothing as the segmentation names them, and as a garment network does."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cvdemo import tasks
from cvdemo.fashion import wearing
from cvdemo.fashion.networks import ShippedClassifier, fashion_specs
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, Segmentation
from cvdemo.ui import words
from cvdemo.ui.components import component
from cvdemo.ui.notices import notice
from cvdemo.ui.segment import subject
from cvdemo.ui.view_data import jpeg_url, png_url
from cvdemo.weights import papers

_CROP = 220


def panel(spec: ModelSpec, image: Image, result: Segmentation) -> None:
    """Draw the panel; the garment network is tiny, the segmentation is the page's own."""
    if spec.labels != "clothing":
        st.markdown("This network knows streets, not clothes. The other one finds what people wear.")
        st.button("Look at the clothes", on_click=subject.choose, args=("clothes",), key="wearing-clothes")
        return
    networks = fashion_specs()
    if not networks:
        notice("The weights of the garment networks are not here; get the weights folder of this project again.")
        return
    garments = networks[0]
    pieces = _pieces(spec, garments, image.sha256, image)
    if not pieces:
        st.markdown("No piece of clothing is large enough here to be told. Choose a photo in which a person is closer.")
        return
    agreed = [piece["agrees"] for piece in pieces if piece["agrees"] is not None]
    st.markdown(f"**{_headline(len(pieces), agreed)}**")
    component("worn_pieces")(key="wearing-pieces", data={"pieces": pieces, "second": garments.title})
    st.caption(_caveats(garments))


def _headline(count: int, agreed: list[bool]) -> str:
    found = words.counted(count, "piece")
    if not agreed:
        return f"{found} found, of a kind that the garment network does not know."
    of = f"the {len(agreed)} that both know" if len(agreed) < count else "them"
    return f"{found} found; the two networks say the same of {sum(agreed) or 'none'} of {of}."


def _caveats(garments: ModelSpec) -> str:
    """What to think of it before believing it."""
    row = papers(garments)
    measured = next((a for a in row.accuracy if a.metric.lower().startswith("accuracy")), None) if row else None
    good = f" It is right for {measured.value * 100:.1f} % of those" if measured else " It is good at those"
    return (
        f"Read the second answer with care. {garments.title} learnt from catalogue pictures of 28 × 28 grey pixels, "
        f"one whole garment each.{good}, but has never seen a garment on a body, cut by a frame or hidden by an arm, "
        "and it must choose one of ten kinds: it knows no skirt, hat or tie. The segmentation sees the whole photo in "
        "colour, but errs too; its own figures are under its name above."
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _pieces(spec: ModelSpec, garments: ModelSpec, sha256: str, _image: Image) -> list[dict[str, Any]]:
    """The pieces as the component wants them."""
    result = tasks.run(spec, _image).result
    found = wearing.pieces(_image, result, spec.class_names, ShippedClassifier(garments))
    return [
        {
            "crop": jpeg_url(piece.crop, _CROP),
            "seen": png_url(piece.seen),
            "name": piece.name,
            "share": f"{words.percent(piece.share)} of the picture",
            "kind": piece.kind,
            "prob": words.percent(piece.prob),
            "agrees": piece.agrees,
            "trusted": piece.trusted,
        }
        for piece in found
    ]
