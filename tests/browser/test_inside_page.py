"""The explorer in a browser: choose a layer, choose a channel, see it on the picture."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.learn_app import browsing, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_NOT_BLANK = """canvas => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(Array.from({ length: pixels.length / 4 }, (_, i) => pixels.slice(4 * i, 4 * i + 3).join())).size;
}"""


@pytest.fixture(scope="module")
def explorer() -> Iterator[tuple[Page, list[str]]]:
    with served() as url, browsing() as (page, errors):
        page.goto(f"{url}/inside?sample=coffee")
        expect(page.get_by_role("group", name="Channels; arrow keys choose one")).to_be_visible(timeout=120_000)
        yield page, errors


def test_layer_then_channel_then_place(explorer: tuple[Page, list[str]]) -> None:
    page, errors = explorer
    page.get_by_label("Search layers").fill("blocks.1 block")
    page.locator("tr.map:visible[data-name='efficientnet.blocks.1.0']").click()
    expect(page.locator(".explorer-grid img")).to_have_attribute("alt", "24 feature maps of efficientnet.blocks.1.0")
    page.get_by_role("group", name="Channels; arrow keys choose one").click(position={"x": 60, "y": 60})
    title = page.locator(".explorer-focus .title")
    expect(title).to_have_text(re.compile(r"channel \d+ of 24"))
    before = int(re.findall(r"\d+", title.inner_text())[0])
    page.get_by_role("button", name="Next channel").click()
    channel = (before + 1) % 24
    expect(title).to_have_text(f"channel {channel} of 24")
    canvas = page.locator(".explorer-focus canvas.map")
    expect(canvas).to_have_attribute("aria-label", f"Channel {channel} of efficientnet.blocks.1.0 over the picture")
    assert canvas.evaluate(_NOT_BLANK) > 20
    expect(page).to_have_url(re.compile(f"layer=efficientnet.blocks.1.0.*channel={channel}|channel={channel}.*layer="))

    large = page.locator(".explorer-focus .large")
    box = large.bounding_box()
    assert box
    large.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(page.locator(".explorer-focus .seen")).to_be_visible()
    box, seen = large.bounding_box(), page.locator(".explorer-focus .seen").bounding_box()
    assert box
    assert seen
    assert 0 < seen["width"] < box["width"] / 4
    assert abs(seen["x"] + seen["width"] / 2 - box["x"] - box["width"] / 2) < box["width"] / 20
    assert not errors


def test_phone_has_no_sideways_scrolling(explorer: tuple[Page, list[str]]) -> None:
    page, errors = explorer
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".explorer-focus .large")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    cut = page.locator(".explorer-focus .bar, .explorer-grid .bar, .explorer-focus .segmented").evaluate_all(
        "nodes => nodes.map(n => n.scrollWidth - n.clientWidth)"
    )
    assert max(cut) <= 1
    assert not errors
