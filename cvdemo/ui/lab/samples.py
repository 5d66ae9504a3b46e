"""Browsing the test images that come with the app."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.fashion.report import Report
from cvdemo.fashion_samples import CREDIT
from cvdemo.labels import FASHION
from cvdemo.ui import words
from cvdemo.ui.lab import pictures

PAGE = 60
_ALL = "All kinds"
_OUTCOMES = ("All", "Right", "Wrong")
_ORDERS = ("Mixed", "Surest first", "Least sure first")
_SHOWN, _PICKED = "lab_shown", "lab_picked"


def browse(report: Report) -> int | None:
    """Filters and pictures. Returns the chosen one's number among the shipped images; None when none is left."""
    shipped = report.shipped
    labels, predicted, confidence = report.labels[shipped], report.predicted[shipped], report.confidence[shipped]
    found = _filters(labels, predicted, confidence)
    if not len(found):
        st.markdown("No image is like that. Choose another kind or outcome.")
        return None
    chosen = st.session_state.get(_PICKED)
    chosen = chosen if chosen in found else int(found[0])
    limit = st.session_state.get(_SHOWN, PAGE)
    shown = [
        {
            "key": str(i),
            "src": pictures.sample_url(int(i)),
            "alt": pictures.told(int(labels[i]), int(predicted[i]), float(confidence[i])),
            "wrong": bool(labels[i] != predicted[i]),
        }
        for i in found[:limit]
    ]
    pictures.choice("lab-samples", "Test images", shown, str(chosen), size="3.1rem", on_pick=_pick)
    _below(len(found), limit)
    return chosen


def choose(index: int) -> None:
    """Make this shipped image the chosen one."""
    st.session_state[_PICKED] = index


def _pick() -> None:
    picked = st.session_state["lab-samples"].get("picked")
    if isinstance(picked, str) and picked.isdecimal():
        choose(int(picked))


def _filters(
    labels: NDArray[np.uint8], predicted: NDArray[np.uint8], confidence: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Numbers of the shipped images that fit, in the order asked for."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.selectbox("Kind", [_ALL, *FASHION], key="lab-kind", persist_state="session", width=150)
        outcome = st.segmented_control(
            "Outcome", _OUTCOMES, default="All", key="lab-outcome", persist_state="session", required=True
        )
        order = st.segmented_control(
            "Order", _ORDERS, default="Mixed", key="lab-order", persist_state="session", required=True
        )
        low, high = st.slider(
            "Confidence, %", 0, 100, (0, 100), key="lab-confidence", persist_state="session", width=180
        )
    right = labels == predicted
    keep = np.ones(len(labels), bool) if outcome in (None, "All") else right == (outcome == "Right")
    keep &= (confidence >= low / 100) & (confidence <= high / 100)
    if kind != _ALL:
        keep &= labels == FASHION.index(kind)
    # They lie class by class: mixed takes the first of each class, then the second of each, and so on.
    mixed = np.arange(len(labels)).reshape(len(FASHION), -1).T.ravel()
    if order == "Surest first":
        mixed = np.argsort(-confidence, kind="stable")
    elif order == "Least sure first":
        mixed = np.argsort(confidence, kind="stable")
    return mixed[keep[mixed]]


def _below(count: int, limit: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shown = min(count, limit)
        of = f"{shown} of {count:,} images" if shown < count else words.counted(count, "image")
        st.caption(f"{of}; a dashed frame marks a mistake. {CREDIT}.")
        if count > limit:
            st.button("Show more", key="lab-more", type="tertiary", on_click=_more)


def _more() -> None:
    st.session_state[_SHOWN] = st.session_state.get(_SHOWN, PAGE) + 2 * PAGE
