"""The page: clip and settings, then the clip itself, the work under way, or what came of it."""

from __future__ import annotations

import streamlit as st

from cvdemo.ui import template
from cvdemo.ui.model_picker import chip
from cvdemo.ui.notices import explained
from cvdemo.ui.video import choice, clip, layout, result, watching
from cvdemo.ui.video.clip import Clip
from cvdemo.ui.video.owner import owner
from cvdemo.video.run import VideoRun


def show() -> None:
    """Draw the page."""
    head = st.container()
    run = owner.run()
    with explained():
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="video-source"):
            task = choice.task()
            with head:
                spec, place = template.header("Video", "A clip through a network, frame by frame.", task)
            chip(place, spec, None)
            chosen = clip.choose(task)
            wanted = choice.settings(spec)
            choice.start_button(wanted, chosen, busy=run is not None and run.active)
        clip.limits()
        choice.problem()
        _main(run, chosen)


def _main(run: VideoRun | None, chosen: Clip) -> None:
    if run is not None and run.active:
        watching.panel(run)
        return
    view: str | None = "Clip"
    if run is not None:
        st.session_state.setdefault(layout.VIEW, "Result")
        view = st.segmented_control(
            "View", ["Result", "Clip"], key=layout.VIEW, required=True, label_visibility="collapsed"
        )
    if run is not None and view == "Result":
        if run.has_result:
            result.panel(run)
        else:
            result.failure(run)
        return
    left, _ = st.columns(layout.COLUMNS, gap="medium")
    with left:
        clip.show(chosen)
