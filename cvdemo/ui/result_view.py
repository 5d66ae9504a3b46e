"""The result component: settings kept per model, in the session and in the address."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import streamlit as st

from cvdemo.registry import ModelSpec
from cvdemo.types import Image
from cvdemo.ui import address, visits, why_links
from cvdemo.ui.caching import display_url
from cvdemo.ui.components import component
from cvdemo.ui.view_data import SCORE_FLOOR, picture_data

_LIMITS = {"score": [SCORE_FLOOR, 0.95, 0.01], "joint": [0.0, 0.95, 0.01], "opacity": [0.0, 1.0, 0.05]}
_VIEWS = ("result", "original", "side")
_PAINTS = ("fill", "contour", "doubt")


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSettings:
    """What a visitor set on a result. score, joint, opacity: 0..1. only: class ids shown, empty for all.
    paint: a mask filled, as contours, or as the map of doubt."""

    score: float
    joint: float = 0.3
    opacity: float = 0.55
    labels: bool = True
    fade: bool = False
    seen: bool = False
    view: str = "result"
    paint: str = "fill"
    only: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """settings as they are now; selected: id of the chosen row (an item's index, or a class), None for none."""

    settings: ViewSettings
    selected: int | None


def show(spec: ModelSpec, image: Image, data: dict[str, Any]) -> ViewState:
    """Draw the result. data: from cvdemo.ui.view_data. Returns what the visitor set and selected."""
    key = f"{visits.number()}:{spec.name}:{image.sha256}"
    settings = _settings(spec)
    initial = _initial(key, settings)
    state = component("result_view")(
        key=f"result-{spec.task}",
        data={
            **data,
            "key": key,
            "task": spec.task,
            "picture": picture_data(image, display_url(image.sha256, image)),
            "initial": asdict(initial),
            "limits": _LIMITS,
            "unsure": _unsure(spec),
        },
        on_settings_change=lambda: None,
        on_selected_change=lambda: None,
        on_why_change=lambda: None,
    )
    if (told := state.settings) and told.get("key") == key:
        settings = _checked(settings, told)
    st.session_state[_slot(spec)] = settings
    address.write(_address_of(spec, settings))
    if (asked := state.why) and asked.get("key") == key and (target := why_links.of_told(spec, asked)):
        why_links.go(spec, target)
    chosen = state.selected if state.selected and state.selected.get("key") == key else {}
    return ViewState(settings=settings, selected=chosen.get("id"))


def show_pending(spec: ModelSpec, image: Image, words: str) -> None:
    """The picture at once, in the place of its result, while the network runs."""
    show(spec, image, {"items": [], "controls": [], "pending": words})


def _unsure(spec: ModelSpec) -> float:
    """Below this an outline is drawn dashed and its row in grey. People's scores are products of many, so low."""
    return spec.score_threshold + (0.1 if spec.task == "detect" else 0.0)


def _slot(spec: ModelSpec) -> str:
    return f"view-settings-{spec.name}"


def _settings(spec: ModelSpec) -> ViewSettings:
    """The session's settings for a model, with what the address asks for on top."""
    settings = st.session_state.get(_slot(spec)) or ViewSettings(score=spec.score_threshold)
    wanted: dict[str, Any] = {
        name: value
        for name in ("score", "joint", "opacity")
        if (value := address.number(address.take(name), _LIMITS[name][0], _LIMITS[name][1])) is not None
    }
    if names := address.take("only"):
        wanted["only"] = [i for i, name in enumerate(spec.class_names) if name in names.split(",")]
    return _checked(settings, wanted)


def _checked(settings: ViewSettings, told: dict[str, Any]) -> ViewSettings:
    """settings with what a browser told on top; what makes no sense is left out."""
    good: dict[str, Any] = {}
    for name in ("score", "joint", "opacity"):
        if isinstance(value := told.get(name), int | float):
            good[name] = round(min(_LIMITS[name][1], max(_LIMITS[name][0], float(value))), 3)
    for name in ("labels", "fade", "seen"):
        if isinstance(value := told.get(name), bool):
            good[name] = value
    for name, choices in (("view", _VIEWS), ("paint", _PAINTS)):
        if (value := told.get(name)) in choices:
            good[name] = value
    if isinstance(value := told.get("only"), list):
        good["only"] = tuple(sorted({i for i in value if isinstance(i, int)}))
    return replace(settings, **good)


def _initial(key: str, settings: ViewSettings) -> ViewSettings:
    """The settings a view began with: sent unchanged afterwards, so that the message stays the same and is not
    sent to the browser again after every move of a slider."""
    held = st.session_state.get("view-initial")
    if held is None or held[0] != key:
        held = st.session_state["view-initial"] = (key, settings)
    return held[1]


def _address_of(spec: ModelSpec, settings: ViewSettings) -> dict[str, str | None]:
    """Only what differs from the model's own defaults makes the address longer."""
    usual = ViewSettings(score=spec.score_threshold)
    numbers = {
        name: f"{getattr(settings, name):g}" if getattr(settings, name) != getattr(usual, name) else None
        for name in ("score", "joint", "opacity")
    }
    only = ",".join(spec.class_names[i] for i in settings.only if i < len(spec.class_names))
    return {**numbers, "only": only or None}
