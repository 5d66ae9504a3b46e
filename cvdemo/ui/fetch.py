"""Asking for published weights: a button, progress, and one sentence when it did not work."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from cvdemo import downloads
from cvdemo.downloads import Job
from cvdemo.settings import settings
from cvdemo.ui import words
from cvdemo.ui.notices import notice

_EVERY = 0.4
_CHECKS = {
    True: "checked against its published SHA-256 before it is used",
    False: "no SHA-256 is published, so that of the first download is recorded and checked from then on",
}


def panel(url: str, path: Path, sha256_prefix: str | None, megabytes: int | None, licence: str) -> None:
    """Offer the file, or show how its download goes. The page runs again once the file is there."""
    if not settings().downloads:
        st.caption("Downloads are switched off on this server.")
        return
    job = downloads.job_for(path)
    if job is not None and not job.finished:
        _running(path)
        return
    if job is not None and job.error:
        notice(job.error)
    st.button(
        f"Download {megabytes} MB" if megabytes else "Download",
        icon=":material/download:",
        key=f"fetch-{path.name}",
        on_click=_start,
        args=(url, path, sha256_prefix),
        help=f"From {urlsplit(url).hostname}; {_CHECKS[sha256_prefix is not None]}",
    )
    st.caption(f"From {urlsplit(url).hostname}. Licence: {licence}.")


def _start(url: str, path: Path, sha256_prefix: str | None) -> None:
    downloads.start(url, path, sha256_prefix)


@st.fragment(run_every=_EVERY)
def _running(path: Path) -> None:
    """The download as it goes; only this part of the page runs again."""
    job = downloads.job_for(path)
    if job is None or job.finished:
        st.rerun()
        return
    share = job.done / job.total if job.total else 0.0
    st.progress(min(share, 1.0), text=progress_text(job))
    st.button("Stop", icon=":material/stop_circle:", key=f"stop-{path.name}", on_click=job.stop)


def progress_text(job: Job) -> str:
    """ "12.1 MB of 233.1 MB, 3.2 MB/s, 40 s left"."""
    if not job.done:
        return "Connecting"
    text = words.size(job.done) + (f" of {words.size(job.total)}" if job.total else "")
    text += f", {words.size(round(job.speed))}/s" if job.speed else ""
    left = job.seconds_left
    return text if left is None else f"{text}, {left / 60:.0f} min left" if left > 90 else f"{text}, {left:.0f} s left"
