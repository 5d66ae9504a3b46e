"""The architectures page: one network at a time, from its idea to its last layer, and all of them side by side."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cvdemo import tasks
from cvdemo.architectures.anatomy import Anatomy, anatomy
from cvdemo.architectures.catalogue import ARCHITECTURES, Architecture, architecture
from cvdemo.architectures.measure import Measurement, measure
from cvdemo.errors import CvdemoError, WeightsError
from cvdemo.models import family_of
from cvdemo.tasks import ClassifyParams
from cvdemo.types import Image
from cvdemo.ui import address, architecture_data, classify, descendants, fetch, sources, timing
from cvdemo.ui.components import component
from cvdemo.ui.notices import explained, notice
from cvdemo.ui.view_data import jpeg_url
from cvdemo.weights import unavailable_reason, weights_path

_KEY, _TIMES, _DIAGRAM = "architecture", "architecture_times", "stage-diagram"
_NAMES = [entry.name for entry in ARCHITECTURES]


def show() -> None:
    """Draw the page; what takes longer than a moment comes last and fills its place when it is done."""
    st.title("Architectures", anchor=False)
    st.caption("Six networks that made history: the idea of each, what it is built of, what it costs and what it sees.")
    image = sources.picture()
    entry = _choose()
    facts_place = _about(entry)
    with st.spinner(f"Taking {entry.title} apart", show_time=False):
        built = anatomy(entry.spec)
    timed, failed = _times().get((entry.name, image.sha256), (None, None))
    with facts_place:
        component("facts")(key=f"facts-{entry.name}", data=architecture_data.facts_data(entry, built, timed, failed))
        if failed:
            notice(failed)
    _inside(entry, built, image)
    _at_work(entry, image)
    _all_six()
    descendants.chart()
    if timed is None and failed is None:
        _measure(entry, image)
        st.rerun()


def _choose() -> Architecture:
    st.session_state.setdefault(_KEY, _NAMES[0])
    if (asked := address.take("network")) in _NAMES:
        st.session_state[_KEY] = asked
    name = st.segmented_control(
        "Network",
        _NAMES,
        format_func=lambda each: f"{architecture(each).title} · {architecture(each).year}",
        key=_KEY,
        persist_state="session",
        required=True,
        label_visibility="collapsed",
    )
    name = name or _NAMES[0]
    address.write({"network": name if name != _NAMES[0] else None})
    return architecture(name)


def _about(entry: Architecture) -> Any:
    """Name and idea on the left. Returns the place for the figures."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(f"{entry.title}, {entry.year}", anchor=False)
        st.markdown(entry.idea)
        st.caption(f"{entry.authors} · [paper]({entry.paper}) · {entry.built}")
    return right.container()


@st.fragment
def _inside(entry: Architecture, built: Anatomy, image: Image) -> None:
    """The diagram and the layers of the block that is chosen in it."""
    st.subheader("From picture to answer", anchor=False)
    key = f"{entry.name}"
    chosen = _chosen_block(key, len(built.blocks))
    component("stage_diagram")(
        key=_DIAGRAM,
        data={
            **architecture_data.diagram_data(built, _input_url(entry.name, image.sha256, image), image.name),
            "key": key,
            "chosen": chosen,
        },
        on_block_change=lambda: None,
    )
    rows = [row for row in built.rows if chosen is None or row.block == chosen]
    title = f"All {len(rows)} layers with weights or pooling" if chosen is None else f"{built.blocks[chosen].label}"
    with st.expander(f"Layers: {title}", expanded=chosen is not None, key=f"layers-{entry.name}-{chosen}"):
        right = st.column_config.TextColumn(alignment="right")
        st.dataframe(
            architecture_data.rows_data(tuple(rows)),
            hide_index=True,
            height=min(36 * len(rows) + 39, 420),
            column_config={
                "Output": st.column_config.TextColumn(alignment="right", help="Width × height × channels"),
                "Parameters": right,
                "MACs": st.column_config.TextColumn(alignment="right", help="Multiply-adds for one picture"),
                "Sees": st.column_config.TextColumn(
                    alignment="right", help="Pixels of the picture that can change one cell, its receptive field"
                ),
            },
        )


def _chosen_block(key: str, count: int) -> int | None:
    state = st.session_state.get(_DIAGRAM)
    told = (state.get("block") if state else None) or {}
    index = told.get("index")
    return index if told.get("key") == key and isinstance(index, int) and 0 <= index < count else None


@st.cache_data(max_entries=48, show_spinner=False)
def _input_url(name: str, sha256: str, _image: Image) -> str:
    """The part of the picture that the network is given, at its own size."""
    import numpy as np

    spec = architecture(name).spec
    box = family_of(spec).preprocess(spec, _image, None).letterboxes[0]
    (x0, y0), (x1, y1) = box.to_image(np.array([[0, 0], [box.input_hw[1], box.input_hw[0]]], np.float32))
    left, top = max(0, int(x0)), max(0, int(y0))
    cut = _image.pixels[top : max(top + 1, round(float(y1))), left : max(left + 1, round(float(x1)))]
    return jpeg_url(cut, 448)


def _at_work(entry: Architecture, image: Image) -> None:
    """What it says about the picture where its weights are here; where not, the way to get them. Beside it the small
    trained network that keeps its idea."""
    st.subheader("At work", anchor=False)
    spec = entry.spec
    left, right = st.columns(2, gap="large") if entry.descendant else (st.container(), None)
    with left, explained():
        if reason := unavailable_reason(spec):
            _missing(entry, reason)
        else:
            _predictions(entry, image)
    if right is not None:
        with right, explained():
            descendants.panel(entry)


def _missing(entry: Architecture, reason: str) -> None:
    path = weights_path(entry.spec)
    if not entry.url:
        notice(reason)
        return
    st.markdown(
        f"**{entry.title} is shown without its weights**, so it has nothing to say about the picture: an untrained "
        f"network would only guess. Its official ImageNet weights can be fetched here, or put into "
        f"`weights/{entry.spec.weights}`."
    )
    fetch.panel(entry.url, path, entry.sha256_prefix, entry.megabytes, entry.licence)


def _predictions(entry: Architecture, image: Image) -> None:
    spec = entry.spec
    try:
        with st.spinner(f"{entry.title} is looking at the picture", show_time=False):
            timed = tasks.run(spec, image, ClassifyParams())
    except WeightsError as error:
        notice(str(error))
        if entry.url:
            fetch.panel(entry.url, weights_path(spec), entry.sha256_prefix, entry.megabytes, entry.licence)
        return
    classify.bars(spec, timed.result, classify.headline(timed.result))
    timing.bar(timed)


def _all_six() -> None:
    with st.expander("All six side by side", key="all-six", on_change="rerun") as expander:
        if not expander.open:
            return
        with st.spinner("Taking all six apart", show_time=False):
            pairs = [(entry, anatomy(entry.spec)) for entry in ARCHITECTURES]
        right = st.column_config.TextColumn(alignment="right")
        table = architecture_data.side_by_side(pairs)
        st.dataframe(table, hide_index=True, column_config=dict.fromkeys(list(table[0])[1:], right))


def _times() -> dict[tuple[str, str], tuple[Measurement | None, str | None]]:
    """Measurements of this session by network and the picture's SHA-256, or why there is none."""
    times: dict[tuple[str, str], tuple[Measurement | None, str | None]] = st.session_state.setdefault(_TIMES, {})
    return times


def _measure(entry: Architecture, image: Image) -> None:
    try:
        _times()[entry.name, image.sha256] = (measure(entry.spec, image), None)
    except CvdemoError as error:
        _times()[entry.name, image.sha256] = (None, str(error))
