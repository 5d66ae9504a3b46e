"""Which picture the session looks at: a sample or one of its own. The choice follows to every page; where two pictures
are compared, the second is chosen in the same way."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from cvdemo.errors import CvdemoError
from cvdemo.imaging import MAX_BYTES, display_name, load_image
from cvdemo.samples import available_samples, load_sample
from cvdemo.types import Image
from cvdemo.ui import address
from cvdemo.ui.caching import thumbnail_url
from cvdemo.ui.components import component
from cvdemo.ui.notices import notice

_OWN = "source_own"
#: Own pictures kept to go back to; decoded pixels are large.
_KEPT = 2
_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "gif", "heic", "heif", "avif"]


@dataclass(frozen=True, slots=True)
class _Own:
    image: Image
    thumbnail: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Where a picture is chosen. name: of its widgets and its place in the session. parameter: of the address, for a
    sample's name. first: which sample it begins with."""

    name: str
    parameter: str
    first: int = 0

    def slot(self, what: str) -> str:
        return f"{self.name}_{what}"


MAIN, SECOND = Strip("source", "sample"), Strip("second", "with_sample", first=1)


def picture(strip: Strip = MAIN) -> Image:
    """Draw the source strip and return the picture it stands on."""
    if (sample := address.take(strip.parameter)) is not None:
        choose(sample, strip)
    with st.container(key=f"{strip.name}-strip", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{strip.name}-row"):
            _thumbnails(strip)
            _upload(strip)
            _camera(strip)
        if problem := st.session_state.get(strip.slot("problem")):
            notice(problem)
    current = _current(strip)
    address.write({strip.parameter: current if current in _sample_names() else None})
    return _own()[current].image if current in _own() else load_sample(current)


def take(data: bytes, name: str, strip: Strip = MAIN) -> None:
    """Make these bytes the current picture, or keep the old one and say why not."""
    try:
        image = load_image(data, name)
    except CvdemoError as error:
        st.session_state[strip.slot("problem")] = f"{display_name(name)}: {error} The picture before it stays."
        return
    adopt(image, strip)


def adopt(image: Image, strip: Strip = MAIN) -> None:
    """Make this picture the current one."""
    own = {key: kept for key, kept in _own().items() if key != image.sha256}
    own[image.sha256] = _Own(image, thumbnail_url(image.sha256, image))
    st.session_state[_OWN] = dict(list(own.items())[-_KEPT:])
    choose(image.sha256, strip)


def problem() -> str | None:
    """Why the picture that came last could not be taken; None when it was."""
    reason: str | None = st.session_state.get(MAIN.slot("problem"))
    return reason


def choose(key: str, strip: Strip = MAIN) -> None:
    """Go over to a sample (by its name) or one of the session's own pictures (by its SHA-256)."""
    if key in _sample_names() or key in _own():
        st.session_state[strip.slot("current")] = key
    st.session_state[strip.slot("problem")] = None


def _sample_names() -> list[str]:
    return [sample.name for sample in available_samples()]


def _own() -> dict[str, _Own]:
    return st.session_state.get(_OWN, {})


def _current(strip: Strip) -> str:
    current, names = st.session_state.get(strip.slot("current")), _sample_names()
    return current if current in _own() or current in names else names[min(strip.first, len(names) - 1)]


def _thumbnails(strip: Strip) -> None:
    tiles = [
        {"key": s.name, "title": s.title, "alt": s.alt, "src": thumbnail_url(s.name, None)} for s in available_samples()
    ]
    tiles += [
        {"key": key, "title": own.image.name or "Your picture", "alt": "Your picture", "src": own.thumbnail}
        for key, own in _own().items()
    ]
    key = f"{strip.name}-tiles"
    component("source_strip")(
        key=key,
        data={"tiles": tiles, "current": _current(strip)},
        width="content",
        on_picked_change=lambda: choose(st.session_state[key].get("picked") or "", strip),
    )


def _turn(strip: Strip) -> int:
    """A new number after each picture that arrived: it gives the widgets new keys, which empties them."""
    return st.session_state.get(strip.slot("round"), 0)


def _upload(strip: Strip) -> None:
    # Emptied, so that the strip's thumbnail is the one place that shows the picture.
    key = _key(strip, "upload")
    st.file_uploader(
        "Upload a picture",
        type=_TYPES,
        key=key,
        max_upload_size=MAX_BYTES // 2**20,
        label_visibility="collapsed",
        width=100,
        on_change=_received,
        args=(strip, key),
    )


def _camera(strip: Strip) -> None:
    # The popover's new key after each shot closes it and switches the camera off.
    key = _key(strip, "camera")
    with st.popover("Camera", icon=":material/photo_camera:", key=key, on_change="rerun") as popover:
        if popover.open:
            shot = _key(strip, "shot")
            st.camera_input(
                "Take a picture", key=shot, resolution="720p", on_change=_received, args=(strip, shot, "Camera")
            )


def _key(strip: Strip, what: str) -> str:
    prefix = "" if strip is MAIN else f"{strip.name}-"
    return f"{prefix}{what}-{_turn(strip)}"


def _received(strip: Strip, key: str, name: str | None = None) -> None:
    """A file or a shot has arrived in that widget: take it, and begin a new round with empty widgets."""
    file = st.session_state.get(key)
    if file is not None:
        take(file.getvalue(), name or file.name, strip)
        st.session_state[strip.slot("round")] = _turn(strip) + 1
