"""Measuring the networks on this machine: choose, watch, compare accuracy with time."""

from __future__ import annotations

import streamlit as st

from cvdemo.benchmark import report
from cvdemo.benchmark.measure import BATCHES, SAMPLE, Measured
from cvdemo.benchmark.run import BenchmarkRun, desk
from cvdemo.errors import CvdemoError
from cvdemo.registry import REGISTRY
from cvdemo.ui import words
from cvdemo.ui.notices import explained, notice
from cvdemo.ui.ownership import Ownership
from cvdemo.viz.trade_off import Point, trade_off
from cvdemo.weights import unavailable_reason

owner: Ownership[BenchmarkRun] = Ownership("benchmark", desk)
_CHOSEN, _PROBLEM = "benchmark-models", "benchmark-problem"
_CHART = {"displayModeBar": False, "responsive": True}


def show() -> None:
    """Draw the page."""
    st.title("Benchmark", anchor=False)
    st.caption(
        f"Every network looks at the sample photo '{SAMPLE}' again and again, each in a process of its own. Figures "
        "hold for this machine, as busy as it is now."
    )
    with explained():
        run = owner.run()
        _choice(run)
        if run is not None:
            st.fragment(_watch, run_every=1.0 if run.active else None)(run)


def _choice(run: BenchmarkRun | None) -> None:
    here = [spec.name for spec in REGISTRY if unavailable_reason(spec) is None]
    defaults = [spec.name for spec in REGISTRY if spec.name in here and spec.default]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.multiselect(
            "Networks",
            here,
            default=defaults,
            format_func=lambda name: REGISTRY.get(name).title,
            key=_CHOSEN,
            persist_state="session",
        )
        busy = run is not None and run.active
        st.button(
            "Measure", type="primary", key="benchmark-start", icon=":material/timer:", disabled=busy, on_click=_start
        )
    if problem := st.session_state.pop(_PROBLEM, None):
        notice(problem)


def _start() -> None:
    specs = [REGISTRY.get(name) for name in st.session_state.get(_CHOSEN, [])]
    if not specs:
        st.session_state[_PROBLEM] = "Choose at least one network to measure."
        return
    mine = owner.token()
    alive = owner.presence(mine)
    try:
        desk().begin(mine, lambda: BenchmarkRun(specs, 3.0, alive), alive)
    except CvdemoError as error:
        st.session_state[_PROBLEM] = str(error)


def _watch(run: BenchmarkRun) -> None:
    measured = run.measured
    if run.active:
        left = f" · {words.clock(run.seconds_left)} left" if run.seconds_left else ""
        name = run.specs[min(run.done, len(run.specs) - 1)].title
        st.progress(run.done / len(run.specs), text=f"{run.done} of {len(run.specs)} done, now {name}{left}")
        st.button("Cancel", key="benchmark-cancel", icon=":material/close:", on_click=run.cancel, args=("Cancelled.",))
    elif st.session_state.get("benchmark-seen") != id(run):
        st.session_state["benchmark-seen"] = id(run)
        st.rerun()  # it has ended: the button above is free again
    for sentence in [*run.problems, *([run.message] if run.message else [])]:
        notice(sentence)
    if measured:
        _chart(measured)
        _table(measured)


def _chart(measured: list[Measured]) -> None:
    """Accuracy over latency for each kind of figure; figures on different data are never in one chart."""
    groups: dict[str, list[Point]] = {}
    for row in measured:
        if figure := report.accuracy_of(row.name):
            point = Point(title=row.title, accuracy=figure.value, seconds=row.p50_s)
            groups.setdefault(f"{figure.metric} on {figure.dataset}", []).append(point)
    if not groups:
        return
    st.subheader("Accuracy against time", anchor=False)
    what = st.selectbox("Figure", list(groups), key="benchmark-figure", label_visibility="collapsed", width=420)
    st.plotly_chart(trade_off(groups[what], what), key="benchmark-chart", config=_CHART)


def _table(measured: list[Measured]) -> None:
    st.subheader("Figures", anchor=False)
    rows = [
        {
            "Network": row.title,
            "Task": row.task.capitalize(),
            "Median, ms": row.p50_s * 1e3,
            "95 %, ms": row.p95_s * 1e3,
            "Forward, ms": row.forward_s * 1e3,
            **{f"Inputs/s at {size}": row.throughput[str(size)] for size in BATCHES},
            "Peak memory, MB": row.peak_bytes / 1e6,
        }
        for row in measured
    ]
    numbers = {
        name: st.column_config.NumberColumn(format="%.1f") for name in rows[0] if name not in ("Network", "Task")
    }
    st.dataframe(rows, hide_index=True, height="content", column_config=numbers)
    facts = report.machine(measured)
    st.caption(
        f"{facts['device']}, {facts['threads']} of {facts['cores']} cores, {facts['system']}, torch {facts['torch']}, "
        f"onnxruntime {facts['onnxruntime']}. Memory is that of the whole process. `python -m cvdemo benchmark` does "
        "the same."
    )
    with st.container(horizontal=True, gap="small"):
        for label, name, mime, data in (
            ("Markdown", "benchmark.md", "text/markdown", report.as_markdown(measured)),
            ("JSON", "benchmark.json", "application/json", report.as_json(measured)),
        ):
            st.download_button(label, data, name, mime, icon=":material/download:", on_click="ignore", type="tertiary")
