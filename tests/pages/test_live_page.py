"""The live page as Streamlit sees it: what the browser's component is told, and what it hands back."""

from __future__ import annotations

import base64
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from cvdemo.live.catalogue import live_models
from cvdemo.live.endpoint import PATH
from cvdemo.registry import TASKS
from cvdemo.ui import sources
from cvdemo.ui.live import page
from tests.pages.conftest import component_data, shown_text

Open = Callable[..., AppTest]


def test_the_component_is_told_every_model_and_where_to_stream(open_page: Open) -> None:
    data = component_data(open_page("live"), "live_view")
    assert data["path"] == PATH
    assert {model["task"] for model in data["models"]} == set(TASKS)
    assert [model["name"] for model in data["models"]] == [model.spec.name for model in live_models()]
    assert data["plurals"]["person"] == "people"
    assert data["poster"].startswith("data:image/jpeg;base64,")


def test_the_page_says_what_happens_to_frames(open_page: Open) -> None:
    text = shown_text(open_page("live"))
    assert "nothing ever piles up" in text
    assert "forgotten" in text


def test_a_run_again_tells_the_component_nothing_new(open_page: Open) -> None:
    at = open_page("live")
    before = component_data(at, "live_view")
    at.session_state["live_settings"] = {"model": "centernet"}
    at.run()
    assert component_data(at, "live_view") == before
    at.switch_page("detect.py").run()
    at.switch_page("live.py").run()
    assert component_data(at, "live_view")["settings"] == {"model": "centernet"}


def test_a_snapshot_becomes_the_picture_of_the_other_pages(photo: bytes) -> None:
    def run(data: bytes) -> AppTest:
        at = AppTest.from_function(_snapshot_script, args=(base64.b64encode(data).decode(),))
        return at.run(timeout=60)

    at = run(photo)
    assert not at.exception
    (own,) = at.session_state[sources._OWN].values()
    assert own.image.size_hw == (800, 600)
    assert at.session_state[sources.MAIN.slot("current")] == own.image.sha256
    broken = run(b"not a picture")
    assert sources._OWN not in broken.session_state
    assert broken.markdown


def _snapshot_script(data: str) -> None:
    import streamlit as st

    from cvdemo.ui.live import page

    page.receive(f"data:image/jpeg;base64,{data}")
    if problem := st.session_state[page.TAKEN]:
        st.markdown(problem)


def test_what_is_no_data_address_is_ignored() -> None:
    assert page.picture_in("data:image/jpeg;base64,%%%") is None
    assert page.picture_in("") is None
    assert page.picture_in(None) is None
    assert page.picture_in("data:image/jpeg;base64,AAAA") == b"\0\0\0"
