"""A tour that can be left and gone on with, and the way from an answer to its reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.learn_app import browsing, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def app() -> Iterator[tuple[Page, list[str], str]]:
    with served() as url, browsing() as (page, errors):
        page.goto(f"{url}/detect?sample=street")
        expect(page.locator(".st-key-inside-view .stages img, .st-key-inside-view img").first).to_be_visible(
            timeout=120_000
        )
        yield page, errors, url


def _rested(page: Page) -> None:
    """The server has heard of what was done, and is done with it."""
    page.wait_for_timeout(1000)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=120_000)


def test_a_tour_is_left_and_gone_on_with(app: tuple[Page, list[str], str]) -> None:
    page, errors, _ = app
    title = page.get_by_role("heading", name="Detect", exact=True)
    before = title.bounding_box()
    page.get_by_role("button", name="Tour, 6 steps").click()
    card = page.get_by_role("dialog")
    first = card.get_by_role("heading").inner_text()
    card.get_by_role("button", name="Next", exact=True).click()
    second = card.get_by_role("heading").inner_text()
    assert second != first
    expect(page.locator(".cvdemo-tour-place")).to_have_count(1)
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    assert title.bounding_box() == before
    own = page.locator(".st-key-tour-detect").evaluate("node => [node.offsetHeight, getComputedStyle(node).position]")
    assert own == [0, "absolute"]
    # The card lies on top of everything.
    box = card.bounding_box()
    assert box
    on_top = "([x, y]) => document.elementFromPoint(x, y).closest('[class*=st-key-tour-]') !== null"
    assert page.evaluate(on_top, [box["x"] + 20, box["y"] + 20])
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page.locator(".cvdemo-tour-place")).to_have_count(0)
    _rested(page)
    page.get_by_role("link", name="Open in the explorer").click()
    expect(page.get_by_role("button", name="Tour, 7 steps")).to_be_visible()
    _rested(page)
    page.get_by_test_id("stTopNavSection").filter(has_text="Tasks").click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text="Detect").click()
    page.get_by_role("button", name="Tour, 2 of 6").click()
    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text(second)
    page.get_by_role("button", name="Close the tour").click()
    assert not errors


def test_why_leads_from_a_row_to_its_reasons(app: tuple[Page, list[str], str]) -> None:
    page, errors, _ = app
    page.get_by_role("button", name="Why bus").first.click()
    expect(page).to_have_url(re.compile(r"inside\?.*target=box"), timeout=60_000)
    said = page.locator(".explorer-why .said")
    expect(said).to_contain_text("What speaks for bus", timeout=120_000)
    picture = page.locator(".explorer-why .place")
    box = picture.bounding_box()
    assert box
    # The first person stands at the left; the bus behind has the larger box.
    picture.click(position={"x": box["width"] * 0.16, "y": box["height"] * 0.6})
    expect(said).to_contain_text("What speaks for person", timeout=60_000)
    assert not errors
