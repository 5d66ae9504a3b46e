"""How good a network is: its figures, its mistakes, its confidence, the map of its features, its training."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cvdemo.fashion import familiarity, scores
from cvdemo.fashion.report import Report
from cvdemo.labels import FASHION
from cvdemo.registry import ModelSpec
from cvdemo.training.metrics import ConfusionMatrix
from cvdemo.ui import training_log
from cvdemo.ui.lab import feature_map, mixups, reports
from cvdemo.ui.lab.choice import Chosen

CHART = {"displayModeBar": False, "responsive": True}


@st.fragment
def panel(chosen: Chosen) -> None:
    """Everything that a report says."""
    report = reports.report(chosen)
    matrix = scores.confusion(report)
    chosen.chip()
    _headline(chosen, report, matrix)
    mixups.panel(report, matrix)
    table, trust = st.columns([3, 2], gap="large")
    with table:
        _classes(matrix)
    with trust:
        _reliability(report)
    feature_map.panel(chosen, report)
    if chosen.spec:
        _training(chosen.spec)
    _check()


def _headline(chosen: Chosen, report: Report, matrix: ConfusionMatrix) -> None:
    weakest = min(scores.class_scores(matrix), key=lambda score: score.f1)
    st.markdown(
        f"**{report.accuracy * 100:.1f} %** of {report.of} are named right. "
        f"The hardest kind is the **{weakest.name}** (F1 {weakest.f1:.2f})."
    )
    if not report.complete:
        own = "" if chosen.spec else " The other 9,000 are not needed for a first look."
        remedy = (
            f" Run `python -m cvdemo evaluate fashion --model {chosen.spec.name} --record`." if chosen.spec else own
        )
        st.caption(f":material/info: No recorded test of this network was found, so these figures are rough.{remedy}")


def _classes(matrix: ConfusionMatrix) -> None:
    st.subheader("Kind by kind", anchor=False)
    rows = [
        {"Kind": s.name, "Precision": s.precision, "Recall": s.recall, "F1": s.f1, "Images": s.count}
        for s in scores.class_scores(matrix)
    ]
    helps = {
        "Precision": "Of the images called that, the share that is",
        "Recall": "Of the images that are that, the share called so",
        "F1": "Both in one number: their harmonic mean",
    }
    shares: dict[str, Any] = {
        name: st.column_config.ProgressColumn(help=text, format="%.3f", min_value=0, max_value=1)
        for name, text in helps.items()
    }
    st.dataframe(rows, hide_index=True, column_config=shares, height=35 * (len(rows) + 1) + 3)


def _reliability(report: Report) -> None:
    from cvdemo.viz.lab_figures import reliability_diagram

    st.subheader("Does it know when it is right?", anchor=False)
    told = scores.reliability(report)
    figure = reliability_diagram(told.confidence, told.accuracy, told.counts)
    st.plotly_chart(figure, key="lab-reliability", config=CHART)
    st.caption(
        f"Bars above the dashed line: more often right than it claims. Expected calibration error "
        f"{told.error * 100:.1f} %.",
        help="The gap between confidence and share right, averaged over all images in ten bins (Naeini et al., 2015).",
    )


def _training(spec: ModelSpec) -> None:
    if training_log.read(spec):
        st.subheader("How it was trained", anchor=False)
        training_log.panel(spec, "lab-log")


def _check() -> None:
    st.subheader("When the app warns that a picture is no garment", anchor=False)
    check = familiarity.load()
    if check is None:
        st.caption("The check has not been measured here; run `python -m cvdemo evaluate fashion --record`.")
        return
    figures = check.figures
    false, noticed = figures["measured_false_alarm_rate"], figures["noticed"]
    st.markdown(
        f"It warns needlessly about **{false['value'] * 100:.1f} %** of the {false['images']:,} test images "
        f"(set to {figures['stated_false_alarm_rate'] * 100:.0f} % on {figures['calibrated_on']['images']:,} training "
        f"images that no network was trained on), and notices **{noticed['value'] * 100:.0f} %** of "
        f"{noticed['images']} {noticed['of']}."
    )
    st.caption(
        f"{figures['method']}; fitted to {figures['fitted_on']['images']:,} training images. It is the same check "
        f"whichever network names the garment, over all {len(FASHION)} kinds."
    )
