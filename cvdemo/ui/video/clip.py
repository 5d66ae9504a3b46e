"""Which clip the session works on: the sample of the task, or the last one it uploaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.errors import CvdemoError
from cvdemo.imaging import display_name
from cvdemo.registry import Task
from cvdemo.ui.notices import notice
from cvdemo.ui.video import layout
from cvdemo.video.limits import LIMITS, SUFFIXES
from cvdemo.video.reading import VideoInfo, first_frame, probe
from cvdemo.video.sample import sample_clip

_OWN, _PROBLEM, _ROUND, _WHICH = "video_own", "video_upload_problem", "video_round", "video-which"
#: Codecs that browsers play in MP4 or WebM.
_PLAYABLE = {"h264", "vp8", "vp9", "av1", "libdav1d"}


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A video to work on. name: to show. key: SHA-256 of data. sample: whether it is the app's own."""

    name: str
    data: bytes
    key: str
    sample: bool

    @property
    def info(self) -> VideoInfo:
        """What the file is."""
        return _info(self.key, self.data)


def choose(task: Task) -> Clip:
    """Draw the choice of clip and the upload, side by side, and return the chosen one."""
    own: Clip | None = st.session_state.get(_OWN)
    which: str | None = "sample"
    if own:
        st.session_state.setdefault(_WHICH, "own")
        which = st.segmented_control(
            "Clip",
            ["sample", "own"],
            format_func=lambda name: "Sample clip" if name == "sample" else display_name(own.name, 24),
            key=_WHICH,
            required=True,
            persist_state="session",
            label_visibility="collapsed",
        )
    # A new key empties the uploader, so that the choice beside it is the one place that names the clip.
    key = f"video-upload-{st.session_state.get(_ROUND, 0)}"
    st.file_uploader(
        "Upload a video",
        type=list(SUFFIXES),
        key=key,
        max_upload_size=LIMITS.bytes // 2**20,
        label_visibility="collapsed",
        width=100,
        on_change=_received,
        args=(key,),
    )
    return own if own and which == "own" else _sample(task)


def limits() -> None:
    """What may be uploaded, and why the last upload was not taken."""
    if problem := st.session_state.get(_PROBLEM):
        notice(problem)
    st.caption(f"Upload {LIMITS.sentence}. It stays on this machine and is removed after you leave.")


def show(clip: Clip) -> None:
    """The clip itself, playing where the browser can."""
    info = clip.info
    if info.codec in _PLAYABLE:
        alt = f"{clip.name}, as it was before"
        st.video(clip.data, muted=True, loop=clip.sample, alt=alt, width=layout.width(info.size_hw))
    else:
        st.image(_poster(clip.key, clip.data), output_format="JPEG", width=layout.width(info.size_hw))
    height, width = info.source_hw
    about = f"{width} × {height} pixels · {info.seconds:.1f} s · {info.frames} frames · {info.codec}"
    made = " · made from the sample photos by a gliding camera; nobody in it moves" if clip.sample else ""
    st.caption(about + made)


def _sample(task: Task) -> Clip:
    data = sample_clip(task)
    return Clip("Sample clip", data, hashlib.sha256(data).hexdigest(), sample=True)


def _received(key: str) -> None:
    """A file has arrived in that widget: take it if it can be read, and begin a new round with an empty widget."""
    file = st.session_state.get(key)
    if file is None:
        return
    data = bytes(file.getvalue())
    name = display_name(file.name)
    try:
        probe(data)
    except CvdemoError as error:
        st.session_state[_PROBLEM] = f"{name}: {error}"
    else:
        st.session_state[_PROBLEM] = None
        st.session_state[_OWN] = Clip(name, data, hashlib.sha256(data).hexdigest(), sample=False)
        st.session_state[_WHICH] = "own"
        st.session_state[layout.VIEW] = "Clip"
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


@st.cache_data(max_entries=16, show_spinner=False)
def _info(key: str, _data: bytes) -> VideoInfo:
    return probe(_data)


@st.cache_data(max_entries=4, show_spinner=False)
def _poster(key: str, _data: bytes) -> NDArray[np.uint8]:
    return first_frame(_data)
