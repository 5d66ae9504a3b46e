"""Which picture the session looks at: a sample or one of its own. The choice follows to every page."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from cvdemo.errors import CvdemoError
from cvdemo.imaging import MAX_BYTES, load_image
from cvdemo.samples import available_samples, load_sample
from cvdemo.types import Image
from cvdemo.ui import address
from cvdemo.ui.caching import thumbnail_url
from cvdemo.ui.components import component
from cvdemo.ui.notices import notice

_CURRENT, _OWN, _PROBLEM, _ROUND = "source_current", "source_own", "source_problem", "source_round"
#: Own pictures kept to go back to; decoded pixels are large.
_KEPT = 2
_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "gif", "heic", "heif", "avif"]


@dataclass(frozen=True, slots=True)
class _Own:
    image: Image
    thumbnail: str


def picture() -> Image:
    """Draw the source strip and return the picture it stands on."""
    _adopt_address()
    with st.container(key="source-strip", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="source-row"):
            _thumbnails()
            _upload()
            _camera()
        if problem := st.session_state.get(_PROBLEM):
            notice(problem)
    current = _current()
    address.write({"sample": current if current in _sample_names() else None})
    return _own()[current].image if current in _own() else load_sample(current)


def take(data: bytes, name: str) -> None:
    """Make these bytes the current picture, or keep the old one and say why not."""
    try:
        image = load_image(data, name)
    except CvdemoError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    own = {key: kept for key, kept in _own().items() if key != image.sha256}
    own[image.sha256] = _Own(image, thumbnail_url(image.sha256, image))
    st.session_state[_OWN] = dict(list(own.items())[-_KEPT:])
    choose(image.sha256)


def choose(key: str) -> None:
    """Go over to a sample (by its name) or one of the session's own pictures (by its SHA-256)."""
    if key in _sample_names() or key in _own():
        st.session_state[_CURRENT] = key
    st.session_state[_PROBLEM] = None


def _adopt_address() -> None:
    if (sample := address.take("sample")) is not None:
        choose(sample)


def _sample_names() -> list[str]:
    return [sample.name for sample in available_samples()]


def _own() -> dict[str, _Own]:
    return st.session_state.get(_OWN, {})


def _current() -> str:
    current = st.session_state.get(_CURRENT)
    return current if current in _own() or current in _sample_names() else _sample_names()[0]


def _thumbnails() -> None:
    tiles = [
        {"key": s.name, "title": s.title, "alt": s.alt, "src": thumbnail_url(s.name, None)} for s in available_samples()
    ]
    tiles += [
        {"key": key, "title": own.image.name or "Your picture", "alt": "Your picture", "src": own.thumbnail}
        for key, own in _own().items()
    ]
    component("source_strip")(
        key="source-tiles",
        data={"tiles": tiles, "current": _current()},
        width="content",
        on_picked_change=lambda: choose(st.session_state["source-tiles"].get("picked") or ""),
    )


def _upload() -> None:
    # A new key empties the uploader, so that the strip's thumbnail is the one place that shows the picture.
    key = f"upload-{st.session_state.get(_ROUND, 0)}"
    st.file_uploader(
        "Upload a picture",
        type=_TYPES,
        key=key,
        max_upload_size=MAX_BYTES // 2**20,
        label_visibility="collapsed",
        width=100,
        on_change=_received,
        args=(key,),
    )


def _camera() -> None:
    # The popover has a new key after each shot, which closes it and switches the camera off.
    turn = st.session_state.get(_ROUND, 0)
    with st.popover("Camera", icon=":material/photo_camera:", key=f"camera-{turn}", on_change="rerun") as popover:
        if popover.open:
            key = f"shot-{turn}"
            st.camera_input("Take a picture", key=key, resolution="720p", on_change=_received, args=(key, "Camera"))


def _received(key: str, name: str | None = None) -> None:
    """A file or a shot has arrived in that widget: take it, and begin a new round with empty widgets."""
    file = st.session_state.get(key)
    if file is not None:
        take(file.getvalue(), name or file.name)
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
