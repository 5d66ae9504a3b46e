"""The page: clip and settings, then the clip itself, the work under way, or what came of it."""

from __future__ import annotations

import streamlit as st

from cvdemo.ui.notices import explained
from cvdemo.ui.video import choice, clip, result, watching
from cvdemo.ui.video.clip import Clip
from cvdemo.ui.video.owner import owner
from cvdemo.video.run import VideoRun

VIEW = "video-view"


def show() -> None:
    """Draw the page."""
    spec = choice.header()
    run = owner.run()
    with explained():
        chosen = clip.choose(spec.task)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="video-settings"):
            wanted = choice.settings(spec)
            choice.start_button(wanted, chosen, busy=run is not None and run.active)
        choice.problem()
        _main(run, chosen)


def _main(run: VideoRun | None, chosen: Clip) -> None:
    if run is not None and run.active:
        watching.panel(run)
        return
    view = "Clip"
    if run is not None:
        view = st.segmented_control(
            "View", ["Result", "Clip"], default="Result", key=VIEW, required=True, label_visibility="collapsed"
        )
    if run is not None and view == "Result":
        if run.has_result:
            result.panel(run)
        else:
            result.failure(run)
        return
    left, _ = st.columns(watching.COLUMNS, gap="medium")
    with left:
        clip.show(chosen)
