"""One test a page: a visitor uploads a photo and reads the answer. Then what only a browser can show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PilImage

from tests.browser.conftest import Server, Visit

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


def _upload(tab: Visit, photo: Path) -> None:
    tab.page.wait_for_selector(".frame.result:not(.pending) img")
    tab.page.set_input_files("input[type=file]", str(photo))
    tab.page.wait_for_selector('.frame.result:not(.pending) img[alt^="my street.jpg"]')
    # Streamlit keeps what the last run left until the new run is over.
    tab.page.get_by_test_id("stStatusWidget").wait_for(state="detached")


def _go_to(page: Any, title: str) -> None:
    """To another task by the navigation: how far Back goes depends on how often a page has written its address."""
    page.get_by_test_id("stTopNavSection").filter(has_text="Tasks").click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title).click()


def _headline(tab: Visit) -> str:
    text: str = tab.page.locator(".headline").inner_text()
    return text


def test_detect(visit: Open, photo: Path) -> None:
    tab = visit("detect")
    _upload(tab, photo)
    assert re.search(r"\d people", _headline(tab))
    assert "1 bus" in _headline(tab)
    alt = tab.page.locator(".frame.result img").get_attribute("alt")
    assert "1 bus" in alt
    assert tab.errors == []


def test_pose(visit: Open, photo: Path) -> None:
    tab = visit("pose")
    _upload(tab, photo)
    assert re.fullmatch(r"[2-6] people", _headline(tab))
    tab.page.locator(".row").first.click()
    assert tab.page.locator(".joints:visible li").count() == 17


def test_segment(visit: Open, photo: Path) -> None:
    tab = visit("segment")
    _upload(tab, photo)
    assert re.match(r"\w+ \d+ %, \w+ \d+ %", _headline(tab))
    pixels = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
    painted = tab.page.locator(".frame canvas").evaluate(f"c => ({pixels})(c).filter((v, i) => i % 4 == 3 && v).length")
    assert painted > 0.9 * 600 * 800


def test_classify(visit: Open, photo: Path) -> None:
    tab = visit("classify")
    _upload(tab, photo)
    tab.page.wait_for_selector("h3:has-text('bus')")
    tab.page.wait_for_selector(".js-plotly-plot")
    tab.page.locator(".js-plotly-plot", has_text="bus").first.wait_for()


def test_a_shot_becomes_the_picture_and_the_camera_is_put_away(visit: Open) -> None:
    tab = visit("detect")
    tab.page.wait_for_selector(".frame.result:not(.pending) img")
    tab.page.get_by_role("button", name="Camera").click()
    # A shot before the camera's first frame would be black, or none at all.
    tab.page.wait_for_function("[...document.querySelectorAll('video')].some((video) => video.currentTime > 0.3)")
    tab.page.get_by_role("button", name="Take photo").click()
    tab.page.wait_for_selector('.frame.result:not(.pending) img[alt^="Camera"]')
    tab.page.get_by_role("button", name="Take photo").wait_for(state="detached")
    tab.page.locator("video").first.wait_for(state="detached")
    assert tab.errors == []


def test_home(visit: Open) -> None:
    tab = visit("")
    tab.page.wait_for_selector(".card:not(.pending):nth-child(4)")
    assert "1 bus" in tab.page.locator(".card").nth(1).inner_text()
    tab.page.locator(".card").nth(1).click()
    tab.page.wait_for_selector(".headline:has-text('1 bus')")
    assert "/detect" in tab.page.url


def test_garment_of_the_test_images(visit: Open) -> None:
    tab = visit("classify?model=fashion-nano&garment=trouser")
    tab.page.locator(".picker img").wait_for()
    tab.page.locator(".picker").focus()
    tab.page.keyboard.press("ArrowRight")
    tab.page.wait_for_selector("h3:has-text('trouser')")


def test_row_and_box_light_up_together(visit: Open) -> None:
    page = visit("detect").page
    page.wait_for_selector(".row")
    page.locator(".row", has_text="bus").hover()
    assert page.locator(".shape.lit").count() == 1
    assert page.locator(".plate.lit").inner_text().startswith("bus")
    frame = page.locator(".frame.result").bounding_box()
    page.mouse.move(frame["x"] + frame["width"] * 0.6, frame["y"] + frame["height"] * 0.45)
    assert page.locator(".row.lit .name").inner_text() == "bus"


def test_threshold_answers_without_the_server(visit: Open) -> None:
    page = visit("detect").page
    page.wait_for_selector(".row")
    slider = page.get_by_label("Score", exact=True)
    few = page.locator(".row").count()
    milliseconds = slider.evaluate(
        "s => { const t = performance.now(); s.value = 0.1; s.dispatchEvent(new Event('input'));"
        " return performance.now() - t; }"
    )
    assert page.locator(".row").count() > few
    assert milliseconds < 100
    page.wait_for_url("**score=0.1**")
    slider.evaluate("s => { s.value = 0.95; s.dispatchEvent(new Event('input')); }")
    assert _text(page, ".headline") == "Nothing above 0.95."
    assert "Best guess" in _text(page, ".empty")
    page.locator(".empty .primary").click()
    assert page.locator(".row").count() == 1


def test_settings_survive_another_page_and_a_reload(visit: Open) -> None:
    page = visit("detect?score=0.5").page
    page.wait_for_selector(".row")
    shown = page.locator(".row").count()
    _go_to(page, "Pose")
    page.wait_for_selector(".headline:has-text('people')")
    _go_to(page, "Detect")
    page.wait_for_selector(".row .name:text('bus')")
    assert page.get_by_label("Score", exact=True).input_value() == "0.5"
    page.reload()
    page.wait_for_selector(".row .name:text('bus')")
    assert page.locator(".row").count() == shown


def test_downloads_are_what_the_page_shows(visit: Open, photo: Path) -> None:
    tab = visit("detect")
    _upload(tab, photo)
    page, files = tab.page, {}
    page.get_by_role("button", name="Download").click()
    for label in ("PNG", "JSON", "CSV"):
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile(label)).click()
        files[label] = Path(download.value.path())
        assert download.value.suggested_filename.startswith("my-street-centernet.")
    assert PilImage.open(files["PNG"]).size == (600, 800)
    (record,) = json.loads(files["JSON"].read_text())
    assert len(record["detections"]) == page.locator(".row").count()
    assert len(files["CSV"].read_text().splitlines()) == page.locator(".row").count() + 1


def test_channels_are_chosen_on_the_sprite(visit: Open) -> None:
    page = visit("detect").page
    page.wait_for_selector(".grid img")
    page.wait_for_selector(".steps span:has-text('channel')")
    first = _text(page, ".steps span")
    page.locator(".grid").focus()
    page.keyboard.press("ArrowRight")
    assert _text(page, ".steps span") != first
    page.locator(".stage-tile").nth(4).click()
    page.wait_for_selector(".stage-tile:nth-child(5)[aria-checked=true]")
    assert "layer=" in page.url


def test_phone_stacks_without_sideways_scrolling(visit: Open) -> None:
    page = visit("detect", 390, 844).page
    page.wait_for_selector(".row")
    picture, answer = page.locator(".stage").bounding_box(), page.locator(".answer").bounding_box()
    assert answer["y"] > picture["y"] + picture["height"] - 1
    overflow = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")
    assert overflow <= 0


def test_nothing_leaves_this_machine(visit: Open, server: Server) -> None:
    for path in ("", "classify", "detect", "segment", "pose"):
        tab = visit(path)
        tab.page.wait_for_selector(".frame.result:not(.pending) img, .card:not(.pending)")
        tab.page.wait_for_load_state("networkidle")
        assert tab.requests
        assert tab.outside() == [], path
    assert "watching" in server.contacts.read_text()
    assert server.outside() == []


def _text(page: object, selector: str) -> str:
    text: str = page.locator(selector).first.inner_text()  # type: ignore[attr-defined]
    return text
