"""Why this answer: class activation maps with a sanity check, and occlusion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.inspect import cam, occlusion
from cvdemo.inspect.cam import METHODS
from cvdemo.inspect.target import Target
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, Letterbox
from cvdemo.ui import address, visits
from cvdemo.ui.explorer.answers import answer_of
from cvdemo.ui.explorer.maps import look_at
from cvdemo.ui.explorer.reasons import Place, painted, show
from cvdemo.ui.notices import explained, notice

_OCCLUSION = "occlusion"
_RUNNING, _FOUND, _ASKED = "explorer_occlusion_running", "explorer_occlusion_found", "explorer_why_asked"
#: Above this a map hardly depends on what the network has learned.
_TOO_ALIKE = 0.7


def asked() -> bool:
    """Whether this visit came to ask about one answer."""
    if address.peek("target"):
        st.session_state[_ASKED] = visits.number()
    return st.session_state.get(_ASKED) == visits.number()


@st.fragment
def panel(spec: ModelSpec, image: Image) -> None:
    """Draw the panel; its controls run only this part of the page again."""
    with st.container(key="why-panel"):
        st.subheader("Why this answer", anchor=False)
        st.caption("Where the network found what speaks for one of its answers, and whether that can be trusted.")
        with explained():
            _why(spec, image)


def _why(spec: ModelSpec, image: Image) -> None:
    key = f"{spec.name}-{image.sha256[:12]}"
    called = address.take("target") or st.session_state.pop(f"why-clicked-{key}", None)
    if called:
        st.session_state[f"why-asked-{key}"] = called
    # What was asked for stays on the list.
    kept = st.session_state.get(f"why-asked-{key}", "")
    answer = answer_of(spec, image, kept)
    slot = f"why-answer-{key}"
    if called and called in answer.names:
        st.session_state[slot] = answer.names[called]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="why-controls"):
        name = st.selectbox("Answer", list(answer.targets), key=slot, width=300)
        names = [*METHODS, _OCCLUSION]
        method = st.selectbox(
            "Method", names, index=names.index(cam.default_method(spec)), format_func=_title, width=200,
            key=f"why-method-{spec.name}", persist_state="session",
        )  # fmt: skip
        layer = _layer(spec, image) if method != _OCCLUSION else ""
    link = next(called for called, each in answer.names.items() if each == name)
    address.write({"target": link if link != next(iter(answer.names)) else None})
    target = answer.targets[name]()
    st.caption(_about(method))
    place = Place(key, image, answer)
    if method == _OCCLUSION:
        _occlusion(place, spec, target, f"{key}-{name}")
    else:
        _cam(place, spec, target, layer, method)


def _layer(spec: ModelSpec, image: Image) -> str:
    stages = [node.name for node in look_at(spec, image).tree.stages()]
    usual = cam.default_layer(spec, image)
    names = stages if usual in stages else [*stages, usual]
    return st.selectbox(
        "Layer", names, index=names.index(usual), key=f"why-layer-{spec.name}", persist_state="session", width=260
    )


def _cam(place: Place, spec: ModelSpec, target: Target, layer: str, method: Any) -> None:
    image = place.image
    check = st.toggle(
        "Shuffle what later layers learned",
        key="why-sanity",
        help="A map that stays the same when the weights are shuffled says nothing about what the network has learned.",
    )
    box = place.answer.raw.letterboxes[target.item]
    with st.spinner("Going back through the network", show_time=False):
        if not check:
            found = cam.explain(spec, image, target, layer, method)
            show(place, found.scaled, box, f"What speaks for {target.label}. Bright: much.")
            return
        tested = cam.sanity_check(spec, image, target, layer, method)
    left, right = st.columns(2, gap="medium")
    with left:
        _picture(image, tested.original.scaled, box, f"The trained network, for {target.label}.")
    with right:
        _picture(image, tested.randomised.scaled, box, "The same network with shuffled later layers.")
    alike = abs(tested.correlation) >= _TOO_ALIKE
    verdict = (
        "hardly changes: do not rely on it here" if alike else "changes, as it should: it depends on what was learned"
    )
    st.markdown(f"The map {verdict}. Rank correlation of the two: **{tested.correlation:.2f}**.")


def _occlusion(place: Place, spec: ModelSpec, target: Target, key: str) -> None:
    """Started by a button, stopped by another; any other control stops it too."""
    found: dict[str, NDArray[np.float32]] = st.session_state.setdefault(_FOUND, {})
    if key not in found and st.session_state.get(_RUNNING) != key:
        _set_running(None)  # what ran for another answer is over, and does not start again by itself
        st.button("Cover one part after the other", on_click=_set_running, args=(key,), icon=":material/play_arrow:")
        return
    if key not in found:
        st.button("Stop", on_click=_set_running, args=(None,), icon=":material/stop:")
        bar = st.progress(0.0, "Covering parts of the picture")
        found[key] = occlusion.occlude(spec, place.image, target, progress=_telling(bar)).values
        st.session_state[_FOUND] = dict(list(found.items())[-8:])
        st.session_state[_RUNNING] = None
        st.rerun(scope="fragment")
    values = np.maximum(found[key], 0)
    if not values.any():
        notice("No part of the picture is needed for this answer on its own; choose another answer.")
        return
    box = place.answer.raw.letterboxes[target.item]
    show(place, values, box, f"Where covering costs {target.label} most. Bright: much.")


def _telling(bar: Any) -> Callable[[int, int], None]:
    return lambda done, of: bar.progress(done / of, f"{done} of {of} places covered")


def _set_running(key: str | None) -> None:
    st.session_state[_RUNNING] = key


def _picture(image: Image, values: NDArray[np.float32], box: Letterbox, caption: str) -> None:
    tall = image.size_hw[0] > image.size_hw[1]
    st.image(painted(image, values, box), caption=caption, output_format="JPEG", width=420 if tall else 760)


def _title(method: str) -> str:
    return "Occlusion" if method == _OCCLUSION else METHODS[method].title  # type: ignore[index]


def _about(method: str) -> str:
    if method == _OCCLUSION:
        return (
            "Covers one part of the picture after the other and watches the answer: slow, but needs no gradients. "
            "Zeiler and Fergus 2013, arXiv 1311.2901."
        )
    info = METHODS[method]  # type: ignore[index]
    return f"{info.summary} {info.source}."
