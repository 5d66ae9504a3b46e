"""Streets or clothes: chosen by what the detector sees, said why, and changeable."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from cvdemo.errors import CvdemoError
from cvdemo.registry import REGISTRY
from cvdemo.tasks import subject
from cvdemo.types import Image
from cvdemo.ui import address
from cvdemo.ui.notices import literal
from cvdemo.weights import unavailable_reason

_AUTO, _OTHER = "auto", "other"
_TITLES = {_AUTO: "Automatic", "streets": "Streets", "clothes": "Clothes", _OTHER: "Other networks"}
_BY_LABELS = {"camvid": "streets", "clothing": "clothes"}
_CHOICE, _FOUND = "segment-subject", "segment-subject-found"
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Chosen:
    """name: of the subject. models: its networks, the usual one first. reason: a sentence; empty where the visitor
    chose. decided: whether the visitor, or something in the picture, speaks for the subject."""

    name: str
    models: list[str]
    reason: str
    decided: bool = True


def control() -> None:
    """Draw the choice; a link to a network or a subject makes it too."""
    groups = _groups()
    if (asked := address.take("subject")) in groups:
        st.session_state[_CHOICE] = asked
    if (model := address.peek("model")) and (name := _subject_of(model)):
        st.session_state[_CHOICE] = name
    if st.session_state.get(_CHOICE) not in (_AUTO, *groups):
        st.session_state[_CHOICE] = _AUTO
    st.segmented_control(
        "Subject", [_AUTO, *groups], format_func=_TITLES.__getitem__, key=_CHOICE, persist_state="session",
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    choice = _choice()
    address.write({"subject": choice if choice != _AUTO else None})


def choose(name: str) -> None:
    """Go over to a subject, as the control does."""
    st.session_state[_CHOICE] = name


def known(image: Image) -> bool:
    """Whether the subject of a picture is settled without running the detector."""
    return _choice() != _AUTO or image.sha256 in _found()


def look(image: Image) -> None:
    """Run the detector on a picture; without one, streets are taken, and the reason says so."""
    try:
        seen = subject.choose(image)
    except CvdemoError as error:
        seen = subject.Subject("streets", f"the detector cannot help: {error}", decided=False)
    st.session_state[_FOUND] = dict([*_found().items(), (image.sha256, seen)][-_KEPT:])


def chosen(image: Image | None) -> Chosen:
    """The subject of a picture that is known; of another one, or of none, what the last one had."""
    groups, choice = _groups(), _choice()
    if choice != _AUTO:
        return Chosen(choice, groups[choice], "")
    seen = _found()[image.sha256] if image else next(reversed(_found().values()), subject.Subject("streets", ""))
    said = f"{_TITLES[seen.name]}: {seen.reason}." if seen.reason else ""
    return Chosen(seen.name, groups[seen.name], said, seen.decided)


def reason(found: Chosen) -> None:
    """Say why."""
    st.caption(literal(found.reason) if found.reason else "Chosen by you, whatever the picture shows.")


def _choice() -> str:
    choice: str = st.session_state.get(_CHOICE, _AUTO)
    return choice if choice in _groups() else _AUTO


def _found() -> dict[str, subject.Subject]:
    return st.session_state.get(_FOUND, {})


def _subject_of(model: str) -> str | None:
    return next((name for name, models in _groups().items() if model in models), None)


def _groups() -> dict[str, list[str]]:
    """Subject -> its networks; networks of other subjects have a group where there are any."""
    groups: dict[str, list[str]] = {"streets": [], "clothes": []}
    for spec in REGISTRY.of_task("segment"):
        name = _BY_LABELS.get(spec.labels, _OTHER)
        if name != _OTHER or unavailable_reason(spec) is None:
            groups.setdefault(name, []).append(spec.name)
    return groups
