"""The laboratory in a browser: a drawing is answered, and a cell of the confusion matrix can be clicked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
WAIT = 60_000


def _stroke(page: Any, sheet: Any, points: list[tuple[float, float]]) -> None:
    box = sheet.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def test_a_drawn_shirt_is_named(visit: Open) -> None:
    tab = visit("fashion_lab?source=draw")
    page = tab.page
    sheet = page.locator("canvas.sheet")
    sheet.wait_for(timeout=WAIT)
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("The sheet is empty").wait_for(timeout=WAIT)
    for x in (0.36, 0.43, 0.5, 0.57, 0.64):
        _stroke(page, sheet, [(x, 0.2), (x, 0.5), (x, 0.85)])
    for side in (-1, 1):
        _stroke(page, sheet, [(0.5 + side * 0.12, 0.22), (0.5 + side * 0.3, 0.38)])
    headline = page.get_by_role("heading", name=re.compile(r"shirt.*%"))
    headline.wait_for(timeout=WAIT)
    page.get_by_text("28 × 28, as the network sees it").wait_for(timeout=WAIT)
    assert tab.errors == []


def test_a_touch_draws_too(visit: Open) -> None:
    tab = visit("fashion_lab?source=draw")
    sheet = tab.page.locator("canvas.sheet")
    sheet.wait_for(timeout=WAIT)
    lit = sheet.evaluate(
        """(sheet) => {
          const box = sheet.getBoundingClientRect();
          const at = (type, x, y) => sheet.dispatchEvent(new PointerEvent(type, {
            pointerType: "touch", pointerId: 7, isPrimary: true, button: 0, bubbles: true,
            clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
          sheet.setPointerCapture = () => {};
          at("pointerdown", 0.02, 0.02); at("pointermove", 0.02, 0.3); at("pointerup", 0.02, 0.3);
          return sheet.getContext("2d").getImageData(5, 60, 1, 1).data[0];
        }"""
    )
    assert lit > 200


def test_a_click_on_a_cell_shows_its_images(visit: Open) -> None:
    tab = visit("fashion_lab?tab=quality")
    page = tab.page
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    plot.wait_for(timeout=WAIT)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    # Row 9 of 10 from the top is the bags', column 9 what was called a bag.
    x, y = box["x"] + box["width"] * 8.5 / 10, box["y"] + box["height"] * 8.5 / 10
    page.mouse.move(x, y)
    page.wait_for_timeout(300)
    page.mouse.click(x, y)
    page.get_by_text("bag named right", exact=False).first.wait_for(timeout=WAIT)
    assert tab.errors == []
