"""The diagram answers to pointer, keys and clicks; a download without internet is one sentence."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.learn_app import browsing, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
#: A proxy that nobody listens at: whatever the machine can reach, this server reaches nothing.
OFFLINE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def page() -> Iterator[tuple[Page, list[str]]]:
    with served(**OFFLINE) as url, browsing() as (tab, errors):
        tab.goto(f"{url}/architectures?network=googlenet&sample=cat")
        expect(tab.get_by_role("radiogroup", name="Blocks of the network").get_by_role("radio")).to_have_count(13)
        yield tab, errors


def test_pointing_at_a_block_shows_what_it_is_and_sees(page: tuple[Page, list[str]]) -> None:
    tab, errors = page
    blocks = tab.get_by_role("radiogroup", name="Blocks of the network")
    blocks.get_by_role("radio", name="inception 3a").hover()
    expect(tab.get_by_text("One cell of inception 3a sees 43 × 43 pixels")).to_be_visible()
    expect(tab.get_by_text("4 conv 1 × 1, 2 conv 3 × 3, max-pool 3 × 3. Output 28 × 28 × 256")).to_be_visible()
    blocks.get_by_role("radio", name="inception 3a").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.get_by_text("One cell of inception 3b sees 59 × 59 pixels")).to_be_visible()
    assert errors == []


def test_choosing_a_block_lists_its_layers(page: tuple[Page, list[str]]) -> None:
    tab, errors = page
    tab.get_by_role("radiogroup", name="Blocks of the network").get_by_role("radio", name="conv 7 × 7").click()
    expect(tab.get_by_text("Layers: conv 7 × 7")).to_be_visible()
    assert errors == []


def test_figures_arrive(page: tuple[Page, list[str]]) -> None:
    tab, errors = page
    expect(tab.get_by_text("in torch, ")).to_be_visible()
    expect(tab.get_by_text("6.62 M").first).to_be_visible()
    assert errors == []


def test_a_download_without_internet_is_one_sentence_at_once(page: tuple[Page, list[str]]) -> None:
    tab, errors = page
    expect(tab.get_by_text("in torch, ")).to_be_visible()
    begin = time.monotonic()
    tab.get_by_role("button", name="Download 52 MB").click()
    expect(tab.get_by_text("download.pytorch.org cannot be reached; check the internet connection")).to_be_visible()
    assert time.monotonic() - begin < 15  # five seconds, on a busy machine
    expect(tab.get_by_role("button", name="Download 52 MB")).to_be_visible()
    assert errors == []
