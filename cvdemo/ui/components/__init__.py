"""Browser-side parts: one folder a component, plain HTML, CSS and JavaScript, read from files and sent inline.

A component's folder holds `view.html`, any number of `*.css` and any number of `*.js`. The scripts share one scope:
`base.js` of this folder comes first, then the folder's own in alphabetical order, then `view.js`, which has the
`export default function (component)` that Streamlit calls after every change of data.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


@cache
def component(name: str) -> ComponentRenderer:
    """The mounting command of the component in the folder of that name."""
    shared = files(__name__)
    folder = shared / name
    css = [shared / "base.css", *_sorted(folder, ".css")]
    js = [shared / "base.js", *_sorted(folder, ".js")]
    return st.components.v2.component(
        f"cvdemo.{name}",
        html=(folder / "view.html").read_text(encoding="utf-8"),
        css="\n".join(file.read_text(encoding="utf-8") for file in css),
        js="\n".join(file.read_text(encoding="utf-8") for file in js),
    )


def _sorted(folder: Traversable, suffix: str) -> list[Traversable]:
    """Files of one kind in alphabetical order, the entry `view` last."""
    found = [file for file in folder.iterdir() if file.name.endswith(suffix)]
    return sorted(found, key=lambda file: (file.name.startswith("view."), file.name))
