"""The garment networks on the architectures page: a descendant at work, and the whole family in one chart."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from cvdemo import tasks
from cvdemo.architectures import family
from cvdemo.architectures.catalogue import Architecture, descendant_spec
from cvdemo.errors import CvdemoError
from cvdemo.imaging import image_from_pixels
from cvdemo.registry import ModelSpec
from cvdemo.types import Classification
from cvdemo.ui.architecture_data import count, share
from cvdemo.ui.components import component
from cvdemo.ui.view_data import png_url
from cvdemo.weights import papers


def panel(entry: Architecture) -> None:
    """The idea at 28x28: the trained descendant on one garment of each kind."""
    st.markdown(f"**The idea at 28 × 28: {entry.descendant}**")
    spec = descendant_spec(entry)
    if spec is None:
        st.caption(f"Keeps {entry.kept}. This network is not on this machine yet.")
        return
    accuracy, row = family.accuracy_of(spec), papers(spec)
    figures = [f"{share(accuracy)} right on the 10,000 test images of Fashion-MNIST"] if accuracy else []
    figures += [f"{count(row.parameters)} parameters"] if row else []
    st.caption(f"Keeps {entry.kept}. Trained on garments: {', '.join(figures)}.")
    component("garment_row")(key=f"garments-{spec.name}", data={"garments": garments(spec, spec.weights)})


@st.cache_data(max_entries=16, show_spinner=False)
def garments(spec: ModelSpec, weights: str) -> list[dict[str, Any]]:
    """One test garment of each class with what the network takes it for."""
    from cvdemo.fashion_samples import fashion_samples

    samples, rows = fashion_samples(), []
    for index in np.unique(samples.labels, return_index=True)[1].tolist():
        pixels, truth = samples.images[index], int(samples.labels[index])
        image = image_from_pixels(np.repeat(pixels[..., None], 3, axis=2), f"garment {index}")
        result = tasks.run(spec, image).result
        assert isinstance(result, Classification)
        class_id, said, share = result.top(1)[0]
        rows.append(
            {
                "src": png_url(pixels),
                "said": said,
                "share": share,
                "truth": spec.class_names[truth],
                "right": class_id == truth,
            }
        )
    return rows


@st.fragment
def chart() -> None:
    """Accuracy, size and speed of the garment networks on this machine, with published figures beside them."""
    from cvdemo.viz.scatter import family_scatter

    st.subheader("Small networks for garments: accuracy, size and speed", anchor=False)
    specs = family.family()
    latencies = _latencies(tuple(specs)) if specs else {}
    points = family.points(specs, latencies)
    figure = family_scatter(points, family.PUBLISHED)
    st.plotly_chart(figure, key="family", config={"displayModeBar": False, "responsive": True})
    ours = (
        "Filled marks are the networks of this app, measured on the 10,000 test images of Fashion-MNIST; the larger "
        "the mark, the longer one picture takes here. "
        if points
        else "No garment network of this app is on this machine yet. "
    )
    st.caption(f"{ours}Open marks and lines are published figures, from {family.SOURCE}.")


@st.cache_resource(max_entries=4, show_spinner="Timing the garment networks")
def _latencies(specs: tuple[ModelSpec, ...]) -> dict[str, float]:
    """Seconds by name; a network that cannot run has none."""
    found = {}
    for spec in specs:
        try:
            found[spec.name] = family.latency(spec)
        except CvdemoError:
            continue
    return found
