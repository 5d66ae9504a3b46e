"""From an answer on a task's page to its explanation in the explorer."""

from __future__ import annotations

from typing import Any, NoReturn

import streamlit as st

from cvdemo.registry import ModelSpec
from cvdemo.types import Classification, Image
from cvdemo.ui import sources

_CLASSES = 3


def go(spec: ModelSpec, target: str) -> NoReturn:
    """Open the explorer with that answer asked about; the picture stays the session's own."""
    st.switch_page("inside.py", query_params={"model": spec.name, "target": target})


def of_told(spec: ModelSpec, told: object) -> str | None:
    """What a link calls the row whose "Why" was pressed in the result. told: its id, and the joint if it was one."""
    if not isinstance(told, dict) or not _whole(number := told.get("id")):
        return None
    if spec.task == "pose":
        return f"joint:{number},{told['joint']}" if _whole(told.get("joint")) else None
    return f"{'region' if spec.task == 'segment' else 'box'}:{number}"


def classes(spec: ModelSpec, result: Classification, image: Image, strange: bool = False) -> None:
    """One button for each of the best classes. strange: the picture is none of the source strip's and has to go there
    first."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="why-links"):
        st.caption("Why", width="content")
        for class_id, name, _ in result.top(_CLASSES):
            if st.button(name, key=f"why-{class_id}", icon=":material/help:", type="tertiary"):
                if strange:
                    sources.adopt(image)
                go(spec, f"class:{class_id}")


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6
