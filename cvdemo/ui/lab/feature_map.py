"""The map of what the last layer reads: garments that look alike to the network lie together."""

from __future__ import annotations

import streamlit as st

from cvdemo.fashion.report import Report
from cvdemo.labels import FASHION
from cvdemo.ui.components import component
from cvdemo.ui.lab import pictures, samples
from cvdemo.ui.lab.choice import Chosen
from cvdemo.viz import class_hex


def panel(chosen: Chosen, report: Report) -> None:
    """Draw the map; a point that is clicked becomes the chosen test image of the first tab."""
    st.subheader("How the network sorts garments", anchor=False)
    st.caption(
        "Each point is a test image, placed by what the layer before the last one says about it: alike ones together. "
        "A rim marks a mistake. Hover to see the image; a click chooses it for 'Try it'.",
        help=f"The layer's features brought down to two numbers by {report.map_method}.",
    )
    labels, predicted = report.labels[report.shipped], report.predicted[report.shipped]
    component("garment_map")(
        key="lab-map",
        data={
            "places": report.places.round(4).tolist(),
            "labels": labels.tolist(),
            "predicted": predicted.tolist(),
            "names": list(FASHION),
            "colors": [class_hex(i) for i in range(len(FASHION))],
            "sprite": pictures.sprite_url(),
            "columns": pictures.SPRITE_COLUMNS,
            "alt": f"Map of {len(labels)} test images by the features of {chosen.network.title}",
        },
        on_picked_change=_pick,
    )


def _pick() -> None:
    picked = st.session_state["lab-map"].get("picked")
    if isinstance(picked, str) and picked.isdecimal():
        samples.choose(int(picked))
        st.toast(f"Test image chosen: {FASHION[int(picked) // 100]}. It is the one on 'Try it' now.")
