"""What to do with the clip: the task, the network, its thresholds, and the button that starts it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from cvdemo.errors import CvdemoError
from cvdemo.registry import TASKS, ModelSpec, Task
from cvdemo.tasks import DetectParams, PoseParams, default_params
from cvdemo.tasks.pose import floor_for
from cvdemo.ui import address
from cvdemo.ui.notices import notice
from cvdemo.ui.video import layout
from cvdemo.ui.video.clip import Clip
from cvdemo.ui.video.owner import owner
from cvdemo.video.annotate import VideoRequest
from cvdemo.video.limits import LIMITS
from cvdemo.video.run import desk

_PROBLEM, _TASK = "video_problem", "video-task"
_ORDER: tuple[Task, ...] = ("pose", "detect", "segment", "classify")
_RATES = {30.0: "all, up to 30", 15.0: "15", 10.0: "10", 5.0: "5"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """spec: the network. params: of its task. track: whether things are numbered. fps: most frames a second."""

    spec: ModelSpec
    params: Any
    track: bool
    fps: float


def task() -> Task:
    """Draw the choice of task; the address may name one."""
    st.session_state.setdefault(_TASK, _ORDER[0])
    if (asked := address.take("task")) in TASKS:
        st.session_state[_TASK] = asked
    chosen = st.segmented_control(
        "Task",
        list(_ORDER),
        format_func=str.capitalize,
        key=_TASK,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    picked: Task = chosen or _ORDER[0]
    address.write({"task": picked if picked != _ORDER[0] else None})
    return picked


def settings(spec: ModelSpec) -> Wanted:
    """Thresholds, numbering and pace, behind one button."""
    with st.popover("Settings", icon=":material/tune:", key="video-settings"):
        return _settings(spec)


def _settings(spec: ModelSpec) -> Wanted:
    params, track = default_params(spec), False
    if isinstance(params, DetectParams | PoseParams):
        score = st.slider(
            "Score",
            0.05,
            0.95,
            spec.score_threshold,
            0.01,
            key=f"video-score-{spec.name}",
            persist_state="session",
            help="Lowest score of what is drawn and counted",
        )
        params = replace(params, score_threshold=score)
    if isinstance(params, PoseParams):
        joint = st.slider(
            "Joints",
            0.0,
            0.95,
            params.keypoint_threshold,
            0.01,
            key="video-joint",
            persist_state="session",
            help="Lowest score of a joint that is drawn and whose angle is measured",
        )
        params = replace(params, keypoint_threshold=joint, people_floor=floor_for(params.score_threshold))
    rate = st.selectbox(
        "Frames a second",
        list(_RATES),
        format_func=lambda rate: _RATES[rate],
        key="video-rate",
        persist_state="session",
        help="Fewer are done sooner; the film then has as many",
    )
    if isinstance(params, DetectParams | PoseParams):
        track = st.toggle(
            "Number things",
            value=True,
            key="video-track",
            persist_state="session",
            help="Follows each thing or person from frame to frame (ByteTrack), so that it keeps one number",
        )
    return Wanted(spec, params, track, rate)


def start_button(wanted: Wanted, clip: Clip, busy: bool) -> None:
    """Starts the clip in the background; says why when it cannot."""
    st.button(
        "Start",
        key="video-start",
        type="primary",
        icon=":material/play_arrow:",
        on_click=_start,
        args=(wanted, clip),
        disabled=busy,
    )


def problem() -> None:
    """Why the last start did not work, once."""
    if said := st.session_state.pop(_PROBLEM, None):
        notice(said)


def _start(wanted: Wanted, clip: Clip) -> None:
    mine = owner.token()
    request = VideoRequest(
        spec=wanted.spec,
        params=wanted.params,
        name=clip.name,
        track=wanted.track,
        limits=replace(LIMITS, fps=wanted.fps),
    )
    try:
        desk().start(mine, request, clip.data, owner.presence(mine))
    except CvdemoError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        st.session_state[layout.VIEW] = "Result"
