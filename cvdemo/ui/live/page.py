"""The live page: the browser's component, and what it hands over to the rest of the app."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import streamlit as st

from cvdemo.live.catalogue import LiveModel, live_models
from cvdemo.live.endpoint import PATH
from cvdemo.samples import available_samples, load_sample
from cvdemo.ui import sources, visits
from cvdemo.ui.caching import display_url
from cvdemo.ui.components import component
from cvdemo.ui.notices import notice
from cvdemo.ui.words import plural

_KEY, _SETTINGS, _BEGAN = "live-view", "live_settings", "live_began"
#: Session key: None after a snapshot was taken, a sentence when it could not be.
TAKEN = "live_snapshot"
_POSTER_SIDE = 1080
_MOST_CHARACTERS = 12 * 2**20


def show() -> None:
    """Draw the page. What happens on it happens between browser and socket: no frame passes through here."""
    st.title("Live webcam", anchor=False)
    st.caption("Boxes, skeletons, masks and feature maps move with you, on any network that carries this page.")
    component("live_view")(key=_KEY, data=_data(), on_settings_change=_keep, on_snapshot_change=_take)
    _taken()
    with st.expander("What happened, in four sentences"):
        st.markdown(_STORY)


_STORY = """
1. Your browser takes the newest picture of the camera, scales it down and sends it as a JPEG; the next one waits until
   the answer to this one is there, so nothing ever piles up.
2. The network on the server answers with a few numbers, or with a small mask, and the picture is forgotten.
3. Joints and boxes are matched with those of the frame before: each thing keeps its number (ByteTrack), and joints are
   calmed where they rest and let go where they move (One-Euro filter).
4. Your browser draws the answer over its own video, which stays smooth however long the answer takes.
"""


def _data() -> dict[str, Any]:
    """What the component is told; the same in every run, so that nothing is sent twice."""
    models = live_models()
    poster = next((s for s in available_samples() if "pose" in s.tasks[:1]), available_samples()[0])
    image = load_sample(poster.name)
    return {
        "path": f"{st.get_option('server.baseUrlPath').rstrip('/')}{PATH}",
        "models": [_model(model) for model in models],
        "poster": display_url(image.sha256, image, _POSTER_SIDE),
        "posterAlt": poster.alt,
        "plurals": {name: plural(name) for model in models for name in _names(model)},
        "settings": _begin(),
    }


def _begin() -> dict[str, Any]:
    """The choices that this visit of the page begins with. The browser keeps them from then on: were they sent back
    after every change, so would everything else that the component is told."""
    visit, began = st.session_state.get(_BEGAN, (None, {}))
    if visit != visits.number():
        began = st.session_state.get(_SETTINGS, {})
        st.session_state[_BEGAN] = (visits.number(), began)
    return began


def _model(model: LiveModel) -> dict[str, Any]:
    spec = model.spec
    title = spec.title.replace(" on detected people", "")
    return {
        "name": spec.name,
        "task": spec.task,
        "title": title,
        "sides": list(model.sides),
        "side": model.side,
        "trained": model.trained,
        "score": spec.score_threshold,
    }


def _names(model: LiveModel) -> tuple[str, ...]:
    return model.spec.class_names if model.spec.task == "detect" else ()


def _keep() -> None:
    """Choices stay for the next visit of the page in this session."""
    chosen = st.session_state[_KEY].get("settings")
    if isinstance(chosen, dict):
        st.session_state[_SETTINGS] = {name: value for name, value in chosen.items() if isinstance(name, str)}


def _take() -> None:
    """The browser hands over a snapshot."""
    receive(st.session_state[_KEY].get("snapshot"))


def receive(address: object) -> None:
    """Make the picture in a data address the one of the other pages, or remember why it could not be."""
    if (data := picture_in(address)) is not None:
        sources.take(data, "Live snapshot")
        st.session_state[TAKEN] = sources.problem()


def picture_in(address: object) -> bytes | None:
    """The bytes of a data address of a picture; None for anything else that a browser may send."""
    if not isinstance(address, str) or len(address) > _MOST_CHARACTERS:
        return None
    try:
        return base64.b64decode(address.partition(",")[2], validate=True) or None
    except binascii.Error:
        return None


def _taken() -> None:
    """Where to go with a snapshot, or why it could not be taken."""
    if TAKEN not in st.session_state:
        return
    if problem := st.session_state[TAKEN]:
        notice(problem)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="live-taken"):
        st.markdown(":material/check: The snapshot is now the picture of every page. Open it in")
        for page, title in _PAGES.items():
            st.page_link(page, label=title)


_PAGES = {
    "detect.py": "Detect",
    "pose.py": "Pose",
    "segment.py": "Segment",
    "classify.py": "Classify",
    "inside.py": "Feature maps",
}
