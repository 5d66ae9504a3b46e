"""What if: channels of the chosen layer are switched off, and the answer changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from cvdemo import tasks
from cvdemo.inspect.ablation import Fill, ablate, important_channels
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, RawOutput
from cvdemo.ui import words
from cvdemo.ui.explorer.answers import answer_of, compared
from cvdemo.ui.explorer.choice import Choice
from cvdemo.ui.explorer.maps import Look
from cvdemo.ui.notices import explained

_BEFORE, _FOUND = "explorer_before", "explorer_important"
_COUNT = 8
_ALL, _OFF = "All channels", "Without"


def panel(look: Look, choice: Choice, channel: int) -> None:
    """Draw the panel. Costs forward passes only once it is used."""
    with st.expander(
        "What if channels fall silent", icon=":material/volume_off:", key="what-if", on_change="rerun"
    ) as box:
        if not box.open:
            return
        node = look.node(choice)
        count = node.output_shape[0] if node.output_shape else 0
        key = f"{look.spec.name}:{node.name}:{look.image.sha256[:12]}"
        with explained():
            found = _most_important(look, choice, key)
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                this = st.toggle(f"Switch channel {channel} off", key=f"off:{key}:{channel}")
                others = st.multiselect("Also off", range(count), key=f"others:{key}", width=360)
                fill: Fill | None = st.segmented_control(
                    "Instead", ["zero", "mean"], default="zero", key="what-if-fill", required=True,
                    format_func={"zero": "Says nothing", "mean": "Says its average"}.__getitem__,
                )  # fmt: skip
            if found:
                st.caption(f"For {found['label']}, these channels matter most; what it loses without each of them:")
                st.dataframe(found["rows"], hide_index=True, width="content")
            off = sorted({*others, *([channel] if this else [])})
            if off and fill:
                _change(look.spec, look.image, node.name, off, fill)


def _change(spec: ModelSpec, image: Image, layer: str, off: list[int], fill: Fill) -> None:
    """The answers with and without, from the same code on the same device."""
    key = (spec.name, image.sha256, image.size_hw)
    kept: tuple[Any, RawOutput | None] = st.session_state.get(_BEFORE, (None, None))
    with st.spinner("Asking again without them", show_time=False):
        made = ablate(spec, image, layer, off, fill, before=kept[1] if kept[0] == key else None)
    st.session_state[_BEFORE] = (key, made.before)
    params = tasks.default_params(spec)
    rows = compared(spec, tasks.decode(spec, made.before, params), tasks.decode(spec, made.after, params))
    gone = sum(after == 0 for _, _, after in rows)
    lost = f", {gone} of {len(rows)} answers are gone." if gone else ""
    st.markdown(f"**Without {words.counted(len(off), 'channel')}**{lost}")
    table = [{"Answer": name, _ALL: was, _OFF: now, "Change": now - was} for name, was, now in rows]
    numbers = {name: st.column_config.NumberColumn(format="%.3f") for name in (_ALL, _OFF, "Change")}
    st.dataframe(table, hide_index=True, width="content", column_config=numbers)


def _most_important(look: Look, choice: Choice, key: str) -> dict[str, Any] | None:
    """A button that finds them for one of the answers; what it found, if it was pressed for this layer."""
    answer = answer_of(look.spec, look.image)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        asked = st.selectbox(
            "Answer", list(answer.targets), key=f"what-if-answer:{look.spec.name}:{look.image.sha256[:12]}", width=280
        )
        wanted = st.button(f"Find the {_COUNT} channels that matter most", key="what-if-find")
    slot = f"{key}:{asked}"
    kept: dict[str, Any] = st.session_state.setdefault(_FOUND, {})
    if wanted:
        bar = st.progress(0.0, "Switching channels off one by one")
        target = answer.targets[asked]()
        effects = important_channels(look.spec, look.image, target, choice.layer, _COUNT, progress=_telling(bar))
        bar.empty()
        kept[slot] = {
            "label": target.label,
            "rows": [
                {"Channel": e.channel, "Loses": round(e.measured, 4), "Estimate": round(e.estimated, 4)}
                for e in effects
                if e.measured > 0
            ],
        }
        st.session_state[_FOUND] = dict(list(kept.items())[-16:])
    return kept.get(slot)


def _telling(bar: Any) -> Callable[[int, int], None]:
    return lambda done, of: bar.progress(done / of, f"{done} of {of} channels tried")
