"""A video while it is processed: the latest frame, how far it is, how to stop it."""

from __future__ import annotations

import base64

import streamlit as st

from cvdemo.ui import words
from cvdemo.ui.notices import notice
from cvdemo.ui.video import layout
from cvdemo.video.run import Standing, VideoRun


def panel(run: VideoRun) -> None:
    """Draw it again and again until it has ended."""
    st.fragment(_draw, run_every=1.0)(run)


def _draw(run: VideoRun) -> None:
    now = run.standing()
    if not now.active:
        st.rerun()  # it has ended: the rest of the page offers the result
    left, right = st.columns(layout.COLUMNS, gap="medium")
    with left:
        _preview(now)
    with right:
        st.subheader(f"{run.request.spec.task.capitalize()} on {run.request.name}", anchor=False)
        st.progress(now.share, text=_said(now))
        st.caption(f"{run.request.spec.title}. You may leave this page; come back for the result.")
        with st.container(horizontal=True, gap="small"):
            if now.state == "running":
                st.button("Pause", key="video-pause", icon=":material/pause:", on_click=run.pause)
            else:
                st.button("Go on", key="video-resume", icon=":material/play_arrow:", on_click=run.resume)
            st.button("Cancel", key="video-cancel", icon=":material/close:", on_click=_cancel, args=(run,))
        if now.message:
            notice(now.message)


def _preview(now: Standing) -> None:
    if now.preview is None:
        st.caption("The first frame takes longest: the network is being loaded.")
        return
    # Inside the page and not as a file of its own: the server drops such files while slow browsers still ask for them.
    src = f"data:image/jpeg;base64,{base64.b64encode(now.preview).decode()}"
    wide = layout.width(now.preview_hw)
    st.html(f'<img class="video-preview" src="{src}" alt="Frame {now.done} with its result" style="width:{wide}px">')


def _said(now: Standing) -> str:
    if not now.total:
        return "Looking through the file"
    parts = [f"frame {now.done} of {now.total}"]
    if now.state == "paused":
        return f"{parts[0]} · paused"
    if now.fps:
        parts.append(f"{now.fps:.1f} frames/s")
    if now.seconds_left is not None:
        parts.append(f"{words.clock(now.seconds_left)} left")
    return " · ".join(parts)


def _cancel(run: VideoRun) -> None:
    run.cancel("Cancelled; this is what was done until then.")
    run.join(timeout=5)
