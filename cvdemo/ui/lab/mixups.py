"""What is taken for what: the confusion matrix, its commonest mistakes, and the images behind a cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from cvdemo.fashion import scores
from cvdemo.fashion.report import Report
from cvdemo.labels import FASHION
from cvdemo.training.metrics import ConfusionMatrix
from cvdemo.ui import words
from cvdemo.ui.lab import pictures

_CELL = "lab_cell"
_MOST = 40


def panel(report: Report, matrix: ConfusionMatrix) -> None:
    """The matrix on the left, on the right the mistakes and the images of the chosen cell."""
    from cvdemo.viz.lab_figures import confusion_heatmap

    st.subheader("What it takes for what", anchor=False)
    pairs = scores.confused_pairs(matrix)
    chosen = st.session_state.get(_CELL) or (pairs[0][:2] if pairs else (0, 0))
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.plotly_chart(
            confusion_heatmap(matrix.counts, FASHION, chosen),
            key="lab-confusion",
            on_select=_select,
            selection_mode="points",
            config={"displayModeBar": False, "responsive": True},
            alt=_alt(pairs),
        )
    with right:
        _commonest(pairs, chosen)
        _behind(report, matrix, *chosen)


def _select() -> None:
    points = st.session_state["lab-confusion"]["selection"]["points"]
    place: Any = points[0].get("customdata") if points else None
    if isinstance(place, list) and len(place) == 2 and all(isinstance(i, int) and 0 <= i < 10 for i in place):
        st.session_state[_CELL] = (place[0], place[1])


def _commonest(pairs: list[tuple[int, int, int]], chosen: tuple[int, int]) -> None:
    st.caption("The commonest mistakes; choose one, or any cell of the table, to see the images.")
    with st.container(gap=None):
        for true, said, count in pairs:
            mark = "right_panel_open" if (true, said) == chosen else "chevron_right"
            st.button(
                f"{FASHION[true]} taken for {FASHION[said]}: {count:,}",
                key=f"lab-pair-{true}-{said}",
                type="tertiary",
                icon=f":material/{mark}:",
                on_click=_choose,
                args=(true, said),
            )


def _choose(true: int, said: int) -> None:
    st.session_state[_CELL] = (true, said)


def _behind(report: Report, matrix: ConfusionMatrix, true: int, said: int) -> None:
    """The shipped images of a cell."""
    labels, predicted = report.labels[report.shipped], report.predicted[report.shipped]
    confidence = report.confidence[report.shipped]
    found = np.flatnonzero((labels == true) & (predicted == said))
    count = int(matrix.counts[true, said])
    verb = "named right" if true == said else f"taken for {FASHION[said]}"
    st.markdown(f"**{FASHION[true]} {verb}**: {words.counted(count, 'image')}")
    if not len(found):
        st.caption("None of them is among the 1,000 images that come with the app." if count else "It never does that.")
        return
    found = found[np.argsort(-confidence[found], kind="stable")][:_MOST]
    shown = [
        {
            "key": str(i),
            "src": pictures.sample_url(int(i)),
            "alt": pictures.told(true, said, float(confidence[i])),
            "caption": words.percent(float(confidence[i])),
        }
        for i in found
    ]
    pictures.tiles("lab-cell", "Images of this cell", shown, size="3.1rem")
    st.caption(f"{len(found)} of them come with the app; below each, how sure the network was.")


def _alt(pairs: list[tuple[int, int, int]]) -> str:
    worst = "; ".join(f"{FASHION[true]} taken for {FASHION[said]} {count} times" for true, said, count in pairs[:3])
    return f"Table of true kinds against predicted ones. Commonest mistakes: {worst or 'none'}."
