"""The classification page's own panels: what the network sees, and its answer as bars."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cvdemo.engine import engine
from cvdemo.inspect.crop import area_of
from cvdemo.registry import ModelSpec
from cvdemo.tasks import ClassifyParams
from cvdemo.types import Classification, Image, Timed
from cvdemo.ui import downloads, inside, result_view, sources, template, timing, words
from cvdemo.ui.model_picker import chip
from cvdemo.ui.notices import explained
from cvdemo.ui.view_data import classification_data

#: Below this the best class is called a guess.
_SURE = 0.4
_COUNTS = (5, 10)


def photo(spec: ModelSpec, chip_place: Any) -> None:
    """A photo and the classes of ImageNet that it looks like."""
    image = sources.picture()
    with explained():
        timed = template.run(spec, image, ClassifyParams())
        chip(chip_place, spec, timed)
        _result(spec, image, timed)
        inside.panel(spec, image)
        template.explanation(spec, image)


@st.fragment
def _result(spec: ModelSpec, image: Image, timed: Timed[Classification]) -> None:
    sentence = headline(timed.result)
    height, width = image.size_hw
    picture, answer = st.columns([3, 2] if width >= height else [1, 1], gap="medium")
    with picture:
        area = area_of(engine().prepare(spec, image).letterboxes[0])
        state = result_view.show(spec, image, classification_data(area, f"{image.name}: {sentence}"))
    with answer:
        top_k = bars(spec, timed.result, sentence)
        downloads.menu(spec, image, state.settings, top_k)
    timing.bar(timed)


def bars(spec: ModelSpec, result: Classification, sentence: str) -> int:
    """The answer in words and as probability bars. Returns how many classes the visitor wants to see."""
    from cvdemo.viz.figures import probability_bars

    st.subheader(sentence, anchor=False)
    counts = [n for n in _COUNTS if n <= len(result.probs)]
    top_k = st.segmented_control(
        "Classes shown",
        counts,
        default=counts[0],
        format_func=lambda n: f"Top {n}",
        key=f"top-{spec.labels}",
        persist_state="session",
        required=True,
        label_visibility="collapsed",
    )
    figure = probability_bars(result, top_k or counts[0])
    st.plotly_chart(figure, key=f"bars-{spec.task}", config={"displayModeBar": False, "responsive": True})
    return top_k or counts[0]


def headline(result: Classification) -> str:
    """ "minibus, 62 %", or two guesses when the network is not sure."""
    (_, first, p), (_, second, q) = result.top(2)
    if p >= _SURE:
        return f"{first}, {words.percent(p)}"
    return f"Not sure: {first} {words.percent(p)}, or {second} {words.percent(q)}"
