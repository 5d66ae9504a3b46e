"""The joints of one person over time, repetitions and posture: a demonstration."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cvdemo.tasks.pose_angles import ANGLES, RANGES, repetitions
from cvdemo.ui import words
from cvdemo.video.series import Person, Series
from cvdemo.viz.timeline import angle_chart

_CHART = {"displayModeBar": False, "responsive": True}
_NAMES = list(ANGLES)


@st.fragment
def panel(series: Series) -> None:
    """Choose a person and a joint; its angles on both sides, how often they went to and fro, and the posture."""
    people = series.people()
    st.subheader("Joints over time", anchor=False)
    if not people:
        st.caption("Nobody was followed for long enough; turn on “Number things”, or lower the score.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        person = _person(people)
        joint = _joint(person)
    sides = {side: person.angles[:, _NAMES.index(f"{side} {joint}")] for side in ("left", "right")}
    counts = {side: repetitions(angles, joint) for side, angles in sides.items()}
    st.plotly_chart(angle_chart(person.seconds, sides, RANGES[joint]), key="video-angles", config=_CHART)
    said = " · ".join(f"{side} {words.counted(int(n[-1]), 'repetition')}" for side, n in counts.items())
    st.markdown(f"**{joint.capitalize()}**: {said} · **Posture**: {person.usual_posture().hint.lower()}")
    low, high = RANGES[joint]
    st.caption(
        f"A demonstration, not a measurement: angles are those in the plane of the picture. A repetition is going from "
        f"one side of the band ({low:.0f}° to {high:.0f}°) to the other and back. It is no advice on how to exercise."
    )


def _person(people: list[Person]) -> Person:
    if len(people) == 1:
        return people[0]
    known = {person.number: person for person in people}
    number = st.selectbox(
        "Person",
        list(known),
        format_func=lambda n: f"Person {n}, {known[n].seconds[-1] - known[n].seconds[0]:.1f} s",
        key="video-person",
        width=220,
    )
    return known[number]


def _joint(person: Person) -> str:
    seen = {joint: int(np.isfinite(_both(person, joint)).sum()) for joint in RANGES}
    best = max(seen, key=lambda joint: seen[joint])
    return st.segmented_control(
        "Joint",
        list(RANGES),
        default=best,
        format_func=str.capitalize,
        key=f"video-angle-joint-{person.number}",
        required=True,
        help="Shoulder: between trunk and upper arm. Hip: between trunk and thigh.",
    )


def _both(person: Person, joint: str) -> np.ndarray:
    return person.angles[:, [_NAMES.index(f"{side} {joint}") for side in ("left", "right")]]
