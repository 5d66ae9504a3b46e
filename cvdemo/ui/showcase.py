"""The running example of the home page: one picture through all four tasks."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cvdemo import tasks
from cvdemo.errors import CvdemoError
from cvdemo.registry import REGISTRY, TASKS, ModelSpec, Task
from cvdemo.types import Classification, Detections, Image, Poses, Result, Segmentation
from cvdemo.ui import caching, words
from cvdemo.ui.components import component
from cvdemo.ui.view_data import jpeg_url
from cvdemo.weights import unavailable_reason

_CARD_SIDE = 720
_DONE = "showcase_done"
LINES: dict[Task, str] = {
    "classify": "Names the main thing in the picture, or the kind of a garment.",
    "detect": "Finds things, says what they are and draws a box around each.",
    "segment": "Gives every pixel the class it most likely belongs to.",
    "pose": "Finds people and 17 joints of each.",
}


def strip(image: Image) -> None:
    """Four results on the picture, each a link to its page; they fill in one after another on the first visit."""
    sha256, count = st.session_state.get(_DONE, ("", 0))
    done = count if sha256 == image.sha256 else 0
    cards = [_card(task, image) if i < done else _pending(task, image) for i, task in enumerate(TASKS)]
    went = component("result_cards")(key="showcase", data={"cards": cards}, on_go_change=lambda: None)
    if went.go in TASKS:
        st.switch_page(f"{went.go}.py")
    if done < len(TASKS):
        _card(TASKS[done], image)
        st.session_state[_DONE] = (image.sha256, done + 1)
        st.rerun()


def said(spec: ModelSpec, result: Result) -> str:
    """A result in a few words: "3 people, 1 bus"."""
    if isinstance(result, Detections):
        return words.listed(spec.class_names[i] for i in result.class_ids.tolist()) or "nothing it is sure of"
    if isinstance(result, Poses):
        return words.counted(len(result), "person") if len(result) else "no people"
    if isinstance(result, Segmentation):
        shares = result.shares()
        top = (-shares).argsort(kind="stable")[:2]
        return ", ".join(f"{spec.class_names[i]} {words.percent(float(shares[i]))}" for i in top)
    assert isinstance(result, Classification)
    _, name, prob = result.top(1)[0]
    return f"{name} {words.percent(prob)}"


def _card(task: Task, image: Image) -> dict[str, Any]:
    """The finished card; computed the first time, then from the cache."""
    spec = REGISTRY.default(task)
    if reason := unavailable_reason(spec):
        return _base(task, image) | {"said": reason}
    try:
        src, sentence = _drawn(spec, image.sha256, image)
    except CvdemoError as error:
        return _base(task, image) | {"said": str(error)}
    return _base(task, image) | {"src": src, "said": sentence, "alt": f"{image.name}: {sentence}"}


@st.cache_data(max_entries=32, show_spinner=False)
def _drawn(spec: ModelSpec, sha256: str, _image: Image) -> tuple[str, str]:
    """The annotated picture at card size, and the result in words."""
    from cvdemo.export import overlay
    from cvdemo.viz import draw_boxes

    result = tasks.run(spec, _image).result
    # At this size names on the picture would be too small to read; the sentence below has them.
    boxes_only = isinstance(result, Detections)
    drawn = draw_boxes(_image, result, spec.class_names, labels=False) if boxes_only else overlay(spec, _image, result)
    return jpeg_url(drawn, _CARD_SIDE, quality=84), said(spec, result)


def _base(task: Task, image: Image) -> dict[str, Any]:
    return {
        "page": task,
        "title": task.capitalize(),
        "line": LINES[task],
        "src": caching.display_url(image.sha256, image),
        "alt": image.name,
    }


def _pending(task: Task, image: Image) -> dict[str, Any]:
    return _base(task, image) | {"pending": True, "said": "\N{NO-BREAK SPACE}"}
