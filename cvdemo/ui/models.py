"""The list of networks: those that are here with their papers, and those that can be fetched."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cvdemo.engine import engine
from cvdemo.official import OfficialFile, official_file
from cvdemo.registry import REGISTRY, TASKS, ModelSpec, Task
from cvdemo.settings import settings
from cvdemo.ui import fetch, training_log, words
from cvdemo.ui.model_picker import accuracy_words
from cvdemo.ui.notices import explained
from cvdemo.weights import papers, unavailable_reason, weights_path

_ALL = "All tasks"


def show() -> None:
    """Draw the page."""
    st.title("Models", anchor=False)
    st.caption("Every network the app knows: those on this machine with their papers, and official ones to fetch.")
    with explained():
        task = st.segmented_control(
            "Task",
            [_ALL, *TASKS],
            format_func=str.capitalize,
            default=_ALL,
            required=True,
            label_visibility="collapsed",
        )
        chosen = [spec for name in TASKS if task in (_ALL, name) for spec in REGISTRY.of_task(name)]
        here = [spec for spec in chosen if unavailable_reason(spec) is None]
        _here(here)
        away = {spec: file for spec in chosen if spec not in here and (file := official_file(spec))}
        _trained(here)
        _to_fetch(away)
        _missing([spec for spec in chosen if spec not in here and spec not in away])


def _here(specs: list[ModelSpec]) -> None:
    st.subheader(f"On this machine: {len(specs)}", anchor=False)
    st.dataframe(
        [_row(spec) for spec in specs],
        hide_index=True,
        height="content",
        column_config={
            "Parameters": st.column_config.TextColumn(alignment="right"),
            "File": st.column_config.TextColumn(alignment="right"),
            "Best at": st.column_config.TextColumn(width="large"),
        },
    )
    st.caption(
        f"They run on **{engine().device}** with {words.counted(settings().threads, 'thread')}. Speed and memory: "
        "`python -m cvdemo benchmark` measures them here."
    )


def _row(spec: ModelSpec) -> dict[str, Any]:
    row, path = papers(spec), weights_path(spec)
    return {
        "Network": spec.title,
        "Task": spec.task.capitalize(),
        "Parameters": words.amount(row.parameters) if row else "",
        "File": words.size(path.stat().st_size),
        "Accuracy": "; ".join(accuracy_words(figure) for figure in row.accuracy) if row and row.accuracy else "",
        "Best at": spec.summary,
        "Licence": row.licence if row else spec.licence or "as its author states",
        "State": "comes with the app" if row else "downloaded" if official_file(spec) else "yours",
    }


def _trained(specs: list[ModelSpec]) -> None:
    logged = {spec.title: spec for spec in specs if training_log.read(spec)}
    if not logged:
        return
    with st.expander("How ours were trained"):
        title = st.selectbox("Network", list(logged), key="models-log", label_visibility="collapsed", width=280)
        training_log.panel(logged[title], "models-log")


def _to_fetch(files: dict[ModelSpec, OfficialFile]) -> None:
    if not files:
        return
    st.subheader("Official weights to fetch", anchor=False)
    st.caption(
        "Nothing is fetched before you press a button; without the internet everything above keeps working. YOLO files "
        "are read with an allow-list loader that executes nothing in them."
    )
    by_task: dict[Task, list[ModelSpec]] = {}
    for spec in files:
        by_task.setdefault(spec.task, []).append(spec)
    for task, specs in by_task.items():
        with st.expander(f"{task.capitalize()}: {len(specs)} networks", expanded=len(by_task) == 1):
            for spec in specs:
                _offer(spec, files[spec])


def _offer(spec: ModelSpec, file: OfficialFile) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{spec.title}**  \n{spec.summary}")
        fetch.panel(file.url, weights_path(spec), file.sha256_prefix, file.megabytes, file.licence)


def _missing(specs: list[ModelSpec]) -> None:
    for spec in specs:
        st.warning(unavailable_reason(spec), icon=":material/warning:")
