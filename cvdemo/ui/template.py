"""The one page of the four tasks: title and model, source strip, result, time, inside, explanation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cvdemo import tasks
from cvdemo.errors import CvdemoError
from cvdemo.registry import ModelSpec, Task
from cvdemo.types import Image, Timed
from cvdemo.ui import downloads, explanations, inside, result_view, sources, timing
from cvdemo.ui.model_picker import chip, model_picker
from cvdemo.ui.notices import explained

_DONE = "template_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """A task's page. line: what the networks do, in one line. params: what the forward pass and decoding are asked
    for, wide enough for every slider. data: (spec, result) -> what the result component is told."""

    task: Task
    title: str
    line: str
    params: Callable[[ModelSpec], Any]
    data: Callable[[ModelSpec, Any], dict[str, Any]]
    models: list[str] | None = field(default=None)


def show(page: TaskPage) -> None:
    """Draw the whole page."""
    spec, chip_place = header(page.title, page.line, page.task, page.models)
    image = sources.picture()
    with explained():
        timed = run(spec, image, page.params(spec))
        chip(chip_place, spec, timed)
        _result(page, spec, image, timed)
        inside.panel(spec, image)
        explanation(spec, image)


def header(title: str, line: str, task: Task, models: list[str] | None = None) -> tuple[ModelSpec, DeltaGenerator]:
    """Title on the left, model picker on the right. Returns the network and the place for its chip."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", key="header"):
        with st.container(width="content"):
            st.title(title, anchor=False)
            st.caption(line)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width=560):
            return model_picker(task, models)


def run(spec: ModelSpec, image: Image, params: Any, columns: Sequence[int] = (1,)) -> Timed[Any]:
    """The network's answer. What was not computed before is shown as pending while it runs: the picture at once,
    then the same page again with the answer in its place.

    columns: of the fragment that shows the answer, where it has them; the picture stands in the first.
    """
    key = (spec.name, image.sha256)
    if st.session_state.get(_DONE) != key:
        words = f"{spec.title} is looking at the picture; the first time takes longer."
        # A fragment wraps its elements in a container: at the same place in the page the browser keeps the picture.
        with st.container(), st.columns(columns, gap="medium")[0] if len(columns) > 1 else nullcontext():
            result_view.show_pending(spec, image, words)
        # Whether there is an answer or an error to explain, the next run shows it where the pending picture is.
        with suppress(CvdemoError):
            tasks.run(spec, image, params)
        st.session_state[_DONE] = key
        st.rerun()
    return tasks.run(spec, image, params)


@st.fragment
def _result(page: TaskPage, spec: ModelSpec, image: Image, timed: Timed[Any]) -> None:
    """The result with what follows from its settings; moving a slider runs only this part again."""
    state = result_view.show(spec, image, page.data(spec, timed.result))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="below-result"):
        timing.bar(timed)
        downloads.menu(spec, image, state.settings)


def explanation(spec: ModelSpec, image: Image) -> None:
    """What happened to the picture, for those who ask."""
    if sentences := explanations.sentences(spec, image):
        with st.expander("What happened, in four sentences"):
            st.markdown("\n".join(f"{i}. {text}" for i, text in enumerate(sentences, 1)))
