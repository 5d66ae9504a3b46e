"""The video page with real films: what comes of a clip, who sees it, and what is said of files that are none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from cvdemo.registry import REGISTRY
from cvdemo.ui.video import clip
from cvdemo.video.run import MOST_AT_ONCE, desk
from cvdemo.weights import unavailable_reason
from tests.conftest import need
from tests.pages.conftest import shown_text
from tests.video.films import film, numbered

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    need(unavailable_reason(REGISTRY.get("nanodet")) is None, "weights/nanodet.safetensors")
    yield
    desk().close()


@pytest.fixture
def short_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample clip of a few frames, so that it is soon done."""
    monkeypatch.setattr(clip, "sample_clip", lambda task: film((0.0, 0.1, 0.2, 0.3)))


def opened(open_page: Open, **query: str) -> AppTest:
    return open_page("video", **{"task": "detect", "model": "nanodet", **query})


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    at.file_uploader[0].set_value((name, data, "video/mp4")).run()
    assert not at.exception
    return at


def start(at: AppTest) -> AppTest:
    at.button(key="video-start").click().run()
    assert not at.exception
    return at


def finish(at: AppTest) -> AppTest:
    end = time.monotonic() + 240
    while not at.get("download_button"):
        assert time.monotonic() < end
        time.sleep(0.3)
        at.run()
        assert not at.exception
    return at


def test_first_visit_shows_a_clip_and_says_that_it_is_made_up(open_page: Open) -> None:
    at = open_page("video")
    assert not at.exception
    text = shown_text(at)
    assert "made from the sample photos by a gliding camera" in text
    assert "MP4, MOV, WebM or GIF, at most 50 MB and 60 s" in text
    assert len(at.get("video")) == 1
    assert not at.button(key="video-start").disabled


def test_a_clip_becomes_a_film_with_files_and_a_chart(open_page: Open, short_sample: None) -> None:
    at = start(opened(open_page))
    at = finish(at)
    text = shown_text(at)
    assert "Detect on Sample clip" in text
    assert "4 frames in" in text
    assert [button.label for button in at.get("download_button")] == [
        "Film (MP4)", "Data of every frame (JSON)", "Table (CSV)",
    ]  # fmt: skip
    assert len(at.get("video")) == 1
    assert at.query_params["video"]
    at.segmented_control(key="video-view").set_value("Clip").run()
    assert "made from the sample photos" in shown_text(at)


def test_an_upload_is_the_clip_until_another_is_chosen(open_page: Open, short_sample: None) -> None:
    at = upload(opened(open_page), "../my walk.mp4", film((0.0, 0.1, 0.2)))
    assert "128 × 96 pixels · 0.2 s · 3 frames · h264" in shown_text(at)
    at.segmented_control(key="video-which").set_value("sample").run()
    assert "4 frames" in shown_text(at)
    at.segmented_control(key="video-which").set_value("own").run()
    at = finish(start(at))
    assert "Detect on my walk.mp4" in shown_text(at)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("notes.mp4", b"these are my notes", "a text file"),
        ("photo.mp4", b"\xff\xd8\xff\xe0" + bytes(50), "a picture"),
        ("short.mp4", film()[:700], "damaged or cut short|Not one frame"),
        ("long.mp4", film((0.0, 40.0, 80.0)), "cut it to at most 60 s"),
    ],
)
def test_a_bad_upload_is_one_sentence_and_the_clip_stays(open_page: Open, name: str, data: bytes, words: str) -> None:
    import re

    at = upload(opened(open_page), name, data)
    text = shown_text(at).replace("\\", "")
    assert re.search(rf"{name}: .*({words})", text)
    assert "made from the sample photos" in text


def test_the_angles_of_a_followed_person(open_page: Open) -> None:
    spec = REGISTRY.get("movenet-multipose")
    need(unavailable_reason(spec) is None, "the weights")
    at = open_page("video", task="pose", model="movenet-multipose")
    at.selectbox(key="video-rate").set_value(5.0).run()
    at = finish(start(at))
    text = shown_text(at)
    assert "A demonstration, not a measurement" in text
    assert "repetitions" in text
    assert "Posture" in text
    assert len(at.get("plotly_chart")) == 2


def test_nobody_else_sees_it_and_whoever_is_too_many_is_told(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    long = film(tuple(i / 25 for i in range(400)), frames=[numbered(i % 20) for i in range(400)])
    monkeypatch.setattr(clip, "sample_clip", lambda task: long)
    visitors = [start(opened(open_page)) for _ in range(MOST_AT_ONCE)]
    assert all(at.button(key="video-cancel") for at in visitors)
    assert visitors[0].button(key="video-start").disabled
    other = start(opened(open_page))
    assert not any(button.key == "video-cancel" for button in other.button)
    assert "as many as this machine takes; try again" in shown_text(other).replace("\\", "")
    # Leaving the page neither ends it nor loses it.
    visitors[0].switch_page("home.py").run()
    visitors[0].switch_page("video.py").run()
    assert visitors[0].button(key="video-cancel")
    visitors[0].button(key="video-pause").click().run()
    assert "paused" in str([p.proto.text for p in visitors[0].get("progress")])
    visitors[0].button(key="video-cancel").click().run()
    assert not visitors[0].exception
    assert "Cancelled" in shown_text(visitors[0])


def test_nonsense_in_a_link_is_ignored(open_page: Open) -> None:
    at = open_page("video", task="fly", model="yolo9000", video="somebody's")
    assert at.segmented_control(key="video-task").value == "pose"
    assert "video" not in at.query_params


def test_home_has_a_door_to_it(open_page: Open) -> None:
    at = open_page("home")
    assert any("video" in link.proto.page for link in at.get("page_link"))
