"""The Segment page in a browser: a photo in, one class alone, opacity, the decoder walk, a cut-out out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PilImage

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
_ALPHA = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((v, i) => i % 4 == 3)"


def _rested(page: Any) -> None:
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")


def _with_photo(tab: Visit, photo: Path) -> Any:
    page = tab.page
    page.wait_for_selector(".frame.result:not(.pending) img")
    page.set_input_files("input[type=file]", str(photo))
    page.wait_for_selector('.frame.result:not(.pending) img[alt^="my street.jpg"]')
    page.locator(".rows .row").first.wait_for()
    _rested(page)
    return page


def test_one_class_alone_opacity_and_paint_answer_without_the_server(visit: Open, photo: Path) -> None:
    tab = visit("segment")
    page = _with_photo(tab, photo)
    page.get_by_text("the detector sees things of the road").wait_for()
    canvas = page.locator(".frame.result canvas")
    page.locator(".row", has_text="car").click()
    page.mouse.move(2, 2)
    assert page.locator(".row[aria-pressed=true] .name").inner_text() == "car"
    alone = canvas.evaluate(f"c => new Set(({_ALPHA})(c).map(v => v > 150 && v < 160)).size")
    assert alone == 2  # the others lie under a dark veil, the car does not
    page.locator(".row", has_text="car").click()
    page.locator(".view").get_by_label("Opacity", exact=True).evaluate(
        "s => { s.value = 0.2; s.dispatchEvent(new Event('input')); }"
    )
    page.mouse.move(2, 2)
    values = canvas.evaluate(f"c => ({_ALPHA})(c)")
    assert np.median(values) == pytest.approx(0.2 * 255, abs=2)
    page.get_by_role("radio", name="Contours").click()
    values = np.array(canvas.evaluate(f"c => ({_ALPHA})(c)"))
    assert 0.001 < (values > 200).mean() < 0.2
    assert (values == 0).mean() > 0.7
    page.get_by_role("radio", name="Uncertainty").click()
    assert (np.array(canvas.evaluate(f"c => ({_ALPHA})(c)")) > 0).all()
    page.locator(".frame.result").hover()
    assert "0." in page.locator(".plate.lit").inner_text() or "1." in page.locator(".plate.lit").inner_text()
    page.wait_for_url("**opacity=0.2**")
    assert tab.errors == []


def test_a_silent_skip_changes_the_mask_and_comes_back(visit: Open) -> None:
    tab = visit("segment?sample=street")
    page = tab.page
    page.locator(".rows .row").first.wait_for()
    _rested(page)
    page.get_by_role("tab", name="Inside the decoder").click()
    page.locator(".walk .shot img").wait_for()
    usual = page.locator(".walk .shot img").get_attribute("src")
    skip = page.get_by_role("switch", name="Skip connection at stride 16")
    assert skip.get_attribute("aria-checked") == "true"
    skip.click()
    page.locator(".walk:not(.pending) h4", has_text="of the pixels changed").wait_for()
    assert page.locator(".walk .shot img").get_attribute("src") != usual
    assert skip.get_attribute("aria-checked") == "false"
    page.get_by_role("button", name="All skips on").click()
    page.locator(".walk:not(.pending) h4", has_text="The usual mask").wait_for()
    assert page.locator(".walk .shot img").get_attribute("src") == usual
    assert tab.errors == []


def test_a_cutout_is_downloaded_at_the_size_of_the_photo(visit: Open, photo: Path) -> None:
    tab = visit("segment")
    page = _with_photo(tab, photo)
    page.get_by_role("button", name="Download PNG").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download PNG").click()
    assert download.value.suggested_filename == "my-street-person-cutout.png"
    cut = np.array(PilImage.open(download.value.path()))
    assert cut.shape == (800, 600, 4)
    assert 0.02 < (cut[..., 3] > 127).mean() < 0.5
    page.get_by_role("radio", name="Pixelate").click()
    page.get_by_text("Look at the whole picture before you publish it.").wait_for()
    _rested(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download PNG").click()
    assert download.value.suggested_filename == "my-street-person-pixelated.png"
    assert np.array(PilImage.open(download.value.path())).shape == (800, 600, 3)
    assert tab.errors == []


def test_phone_shows_every_panel_without_sideways_scrolling(visit: Open) -> None:
    page = visit("segment?sample=astronaut", 390, 844).page
    page.locator(".rows .row").first.wait_for()
    for name, shown in (
        ("Cut out", "button:has-text('Download PNG')"),
        ("U-Net beside", "text=no FCN was trained"),
        ("Inside the decoder", ".walk .shot img"),
        ("What am I", ".pieces .piece"),
    ):
        page.get_by_role("tab", name=name).click()
        page.locator(shown).first.wait_for()
        overflow = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")
        assert overflow <= 0, name
