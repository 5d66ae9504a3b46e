"""What a network says about a picture, and whether that can be believed."""

from __future__ import annotations

import streamlit as st

from cvdemo.fashion.verdict import Verdict, judge
from cvdemo.labels import FASHION
from cvdemo.models.garment import prepare_garment
from cvdemo.types import Classification, Image
from cvdemo.ui import timing, words
from cvdemo.ui.lab import pictures
from cvdemo.ui.lab.choice import Chosen

#: Below this the best class is called a guess.
_SURE = 0.5


@st.cache_data(max_entries=256, ttl=3600, show_spinner=False)
def verdict_of(sha256: str, _image: Image) -> Verdict:
    """What to say about a picture before its answer is believed."""
    return judge(_image, prepare_garment(_image))


def panel(chosen: Chosen, image: Image, truth: int | None = None, caption: str = "") -> None:
    """The answer in words and bars, under whatever warning it needs. truth: the class of a test image."""
    verdict = verdict_of(image.sha256, image)
    if not verdict.answerable:
        st.warning(verdict.warnings[0], icon=":material/warning:")
        chosen.chip()
        return
    timed = chosen.network.answer(image)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        seen = pictures.step_tiles(image.sha256, image)[-1]
        shown = {**seen, "caption": caption or "What the network sees"}
        with st.container(width=150):
            pictures.tiles("lab-shown", "What the network sees", [shown], size="8.6rem")
        with st.container(width=300):
            st.subheader(headline(timed.result, verdict), anchor=False)
            if truth is not None:
                _compared(timed.result, truth)
    for warning in verdict.warnings:
        st.warning(warning, icon=":material/warning:")
    _bars(timed.result, verdict)
    if verdict.rarity is not None:
        _rarity(verdict.rarity)
    timing.bar(timed)
    chosen.chip(timed)


def headline(result: Classification, verdict: Verdict) -> str:
    """ "sneaker, 98 %", or a guess that says it is one."""
    (_, first, p), (_, second, q) = result.top(2)
    if not verdict.trusted:
        return f"If it is a garment: {first}, {words.percent(p)}"
    if p < _SURE:
        return f"Not sure: {first} {words.percent(p)}, or {second} {words.percent(q)}"
    return f"{first}, {words.percent(p)}"


def steps(image: Image) -> None:
    """How the picture was made ready, as small pictures."""
    st.subheader("On its way to the network", anchor=False)
    pictures.tiles("lab-steps", "Preparation", pictures.step_tiles(image.sha256, image), size="7rem")


def _compared(result: Classification, truth: int) -> None:
    right = int(result.probs.argmax()) == truth
    icon, word = ("check_circle", "Right") if right else ("cancel", "Wrong")
    st.markdown(f":material/{icon}: **{word}**: it is labelled {FASHION[truth]}.")


def _bars(result: Classification, verdict: Verdict) -> None:
    from cvdemo.viz.figures import probability_bars

    color = {} if verdict.trusted else {"color": "#8a9099"}
    figure = probability_bars(result, 5, **color)
    st.plotly_chart(figure, key="lab-bars", config={"displayModeBar": False, "responsive": True})


def _rarity(rarity: float) -> None:
    st.caption(
        f"More unusual than {words.percent(rarity)} of the data set's own garments; a warning comes from 95 %.",
        help="How far the picture lies from everything the networks learnt from. 'How good it is' has the method and "
        "how often it warns without need.",
    )
