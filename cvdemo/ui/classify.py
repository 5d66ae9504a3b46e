"""The classification page's own panels: what the network sees, and its answer as bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cvdemo.engine import engine
from cvdemo.inspect.crop import area_of
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.tasks import ClassifyParams
from cvdemo.types import Classification, Image, Timed
from cvdemo.ui import address, downloads, inside, result_view, sources, template, timing, why_links, words
from cvdemo.ui.model_picker import chip
from cvdemo.ui.notices import explained
from cvdemo.ui.view_data import classification_data

#: Below this the best class is called a guess.
_SURE = 0.4
_COUNTS = (5, 10)


_SUBJECT = "classify-subject"
_PHOTOS, _GARMENTS = "Photos", "Garments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is classified: its line under the title, its models, and whether it is garments."""

    line: str
    models: list[str]
    garments: bool


def subject() -> Subject:
    """The subject that is chosen, also by a link to one of its models."""
    specs = REGISTRY.of_task("classify")
    garments = [spec.name for spec in specs if spec.labels == "fashion"]
    photos = [spec.name for spec in specs if spec.name not in garments]
    if asked := address.peek("model"):
        st.session_state[_SUBJECT] = _GARMENTS if asked in garments else _PHOTOS
    if st.session_state.get(_SUBJECT) == _GARMENTS:
        return Subject(line="Tells ten kinds of garment apart.", models=garments, garments=True)
    return Subject(line="Names the main thing in a photo, out of 1,000 classes.", models=photos, garments=False)


def subject_control() -> None:
    """Draw the choice between the subjects."""
    st.session_state.setdefault(_SUBJECT, _PHOTOS)
    st.segmented_control(
        "Subject", [_PHOTOS, _GARMENTS], key=_SUBJECT, persist_state="session", required=True,
        label_visibility="collapsed",
    )  # fmt: skip


def photo(spec: ModelSpec, chip_place: Any) -> None:
    """A photo and the classes of ImageNet that it looks like."""
    image = sources.picture()
    with explained():
        timed = template.run(spec, image, ClassifyParams(), _columns(image))
        chip(chip_place, spec, timed)
        _result(spec, image, timed)
        inside.panel(spec, image)
        template.explanation(spec, image)


def _columns(image: Image) -> tuple[int, int]:
    """Widths of picture and answer: an upright picture leaves the answer more room."""
    return (3, 2) if image.size_hw[1] >= image.size_hw[0] else (1, 1)


@st.fragment
def _result(spec: ModelSpec, image: Image, timed: Timed[Classification]) -> None:
    sentence = headline(timed.result)
    picture, answer = st.columns(_columns(image), gap="medium")
    with picture:
        area = area_of(engine().prepare(spec, image).letterboxes[0])
        state = result_view.show(spec, image, classification_data(area, f"{image.name}: {sentence}"))
    with answer:
        top_k = bars(spec, timed.result, sentence)
        why_links.classes(spec, timed.result, image)
        downloads.menu(spec, image, state.settings, top_k)
    timing.bar(timed)


def bars(spec: ModelSpec, result: Classification, sentence: str, verdict: str = "") -> int:
    """The answer in words and as probability bars. verdict: Markdown that says whether it is right, where that is
    known. Returns how many classes the visitor wants to see."""
    from cvdemo.viz.figures import probability_bars

    st.subheader(sentence, anchor=False)
    if verdict:
        st.markdown(verdict)
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
