"""A training while it runs, and what came of it."""

from __future__ import annotations

import streamlit as st

from cvdemo.training.live import LiveTraining, Snapshot
from cvdemo.ui import words
from cvdemo.ui.lab import choice, filters
from cvdemo.ui.notices import notice

_CHART = {"displayModeBar": False, "responsive": True}
_TITLES = {
    "running": "Training {model}",
    "paused": "Training {model}, paused",
    "finished": "{model} is trained",
    "cancelled": "Training of {model} cancelled",
    "failed": "Training of {model} stopped",
}


def panel(run: LiveTraining) -> None:
    """Draw it; while it is under way this part of the page draws itself again and again."""
    pace = 1.5 if run.snapshot().state == "running" else None
    st.fragment(_draw, run_every=pace)(run, pace)


def _draw(run: LiveTraining, pace: float | None) -> None:
    now = run.snapshot()
    if pace and not now.active:
        st.rerun()  # it has ended: the rest of the page offers the result
    request = run.request
    st.subheader(_TITLES[now.state].format(model=request.model), anchor=False)
    images = f"{request.images:,} images, batches of {request.batch_size}, learning rate {request.learning_rate:g}"
    st.caption(f"{words.counted(request.epochs, 'epoch')} over {images}")
    st.progress(now.share, text=_standing(now))
    if now.message:
        notice(now.message)
    _buttons(run, now)
    _curves(now, request.epochs)
    filters.panel(run, now)


def _standing(now: Snapshot) -> str:
    if now.progress is None:
        return "Reading the images" if now.active else "Not begun"
    parts = [f"epoch {now.progress.epoch} of {now.progress.epochs}"]
    if now.active:
        parts += [f"loss {now.progress.loss:.3f}", f"{now.images_per_s:,.0f} images/s"]
        if now.seconds_left is not None and now.state == "running":
            parts.append(f"{words.clock(now.seconds_left)} left")
    else:
        parts.append(f"took {words.clock(now.seconds)}")
    if now.accuracy is not None:
        parts.append(f"{now.accuracy * 100:.1f} % of held-out images right")
    return " · ".join(parts)


def _buttons(run: LiveTraining, now: Snapshot) -> None:
    with st.container(horizontal=True, gap="small"):
        if now.state == "running":
            st.button("Pause", key="lab-pause", icon=":material/pause:", on_click=_pause, args=(run,))
        if now.state == "paused":
            st.button("Go on", key="lab-resume", icon=":material/play_arrow:", on_click=_resume, args=(run,))
        if now.active:
            st.button("Cancel", key="lab-cancel", icon=":material/close:", on_click=_cancel, args=(run,))
        elif run.result is not None:
            st.button(
                "Use it on this page", key="lab-use", type="primary", icon=":material/check:", on_click=choice.use_mine
            )
            st.download_button(
                "Download (safetensors)",
                data=lambda: _file(run),
                file_name=f"{run.request.model}.safetensors",
                mime="application/octet-stream",
                key="lab-download",
                icon=":material/download:",
                on_click="ignore",
            )


def _pause(run: LiveTraining) -> None:
    run.pause()


def _resume(run: LiveTraining) -> None:
    run.resume()


def _cancel(run: LiveTraining) -> None:
    run.cancel("Cancelled.")
    run.join(timeout=5)


def _file(run: LiveTraining) -> bytes:
    from cvdemo.training.live import as_safetensors

    return as_safetensors(run)


def _curves(now: Snapshot, epochs: int) -> None:
    from cvdemo.viz.lab_figures import training_curves

    done = [(e["epoch"], e["held_out_accuracy"]) for e in now.epochs if "held_out_accuracy" in e]
    left, right = st.columns(2, gap="large")
    with left:
        figure = training_curves(
            {"loss": [(x, loss) for x, loss, _ in now.curve]}, "Loss", percent=False, epochs=epochs
        )
        st.plotly_chart(figure, key="lab-live-loss", config=_CHART)
    with right:
        lines = {"this epoch's images": [(x, right) for x, _, right in now.curve], "held-out images": done}
        figure = training_curves(lines, "Accuracy", percent=True, epochs=epochs)
        st.plotly_chart(figure, key="lab-live-accuracy", config=_CHART)
