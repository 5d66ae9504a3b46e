"""What came of a video: the film, the files, the charts."""

from __future__ import annotations

import streamlit as st

from cvdemo.ui import words
from cvdemo.ui.downloads import file_stem
from cvdemo.ui.notices import notice
from cvdemo.ui.video import joints, layout
from cvdemo.video.run import VideoRun
from cvdemo.viz.timeline import timeline

_CHART = {"displayModeBar": False, "responsive": True}


def panel(run: VideoRun) -> None:
    """The film on the left, what is known about it on the right, the charts below."""
    left, right = st.columns(layout.COLUMNS, gap="medium")
    with left:
        size_hw = run.info.size_hw if run.info else (0, 0)
        st.video(str(run.outputs.video), format="video/mp4", alt=_said(run), muted=True, width=layout.width(size_hw))
    with right:
        now = run.standing()
        st.subheader(f"{run.request.spec.task.capitalize()} on {run.request.name}", anchor=False)
        if now.message:
            notice(now.message)
        st.markdown(_said(run))
        took = f"{words.counted(now.done, 'frame')} in {words.clock(now.seconds)}, {now.fps:.1f} frames/s"
        st.caption(f"{run.request.spec.title} · {took}")
        _downloads(run)
    _charts(run)


def failure(run: VideoRun) -> None:
    """Why there is no film."""
    notice(run.message or "Nothing came of it: cancelled before the first frame.")


def _downloads(run: VideoRun) -> None:
    stem = f"{file_stem(run.request.name)}-{run.request.spec.name}"
    files = (
        ("Film (MP4)", run.outputs.video, "video/mp4"),
        ("Data of every frame (JSON)", run.outputs.json, "application/json"),
        ("Table (CSV)", run.outputs.csv, "text/csv"),
    )
    with st.container(gap="xsmall"):
        for label, path, mime in files:
            st.download_button(
                label,
                data=path.read_bytes,
                file_name=stem + path.suffix,
                mime=mime,
                key=f"video-download-{path.suffix}",
                icon=":material/download:",
                on_click="ignore",
                type="tertiary",
            )


def _charts(run: VideoRun) -> None:
    if run.series is None:
        return
    spec = run.request.spec
    seconds, curves = run.series.curves()
    titles = {"count": "How many, over time", "probability": "How sure, over time"}
    st.subheader(titles.get(run.series.unit, "How much of the picture, over time"), anchor=False)
    if curves:
        names = {i: spec.class_names[i] for i in curves}
        st.plotly_chart(timeline(seconds, curves, names, run.series.unit), key="video-timeline", config=_CHART)
    else:
        score = getattr(run.request.params, "score_threshold", 0.0)
        st.caption(f"Nothing above {score:.2f} in any frame. Lower the score and start again.")
    if spec.task == "pose":
        joints.panel(run.series)


def _said(run: VideoRun) -> str:
    """The film in one sentence."""
    series = run.series
    assert series is not None
    _, curves = series.curves()
    names = run.request.spec.class_names
    if series.unit == "count":
        most = [words.counted(int(values.max()), names[i]) for i, values in curves.items() if values.any()]
        return f"Most at once: {', '.join(most[:4])}." if most else "Nothing was found."
    parts = [f"{names[i]} {words.percent(float(values.mean()))}" for i, values in list(curves.items())[:3]]
    return f"On average {', '.join(parts)}."
