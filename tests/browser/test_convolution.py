"""The numbers that the browser works out are those of cvdemo.fundamentals, whatever is clicked and typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from cvdemo import fundamentals
from cvdemo.samples import load_sample
from cvdemo.ui.convolution import _working
from tests.browser.learn_app import browsing, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def lab() -> Iterator[tuple[Page, list[str]]]:
    with served() as url, browsing() as (page, errors):
        page.goto(f"{url}/convolution?sample=coffee&kernel=sharpen")
        expect(page.get_by_label("Numbers of Convolution").locator(".cell")).to_have_count(64)
        yield page, errors


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    image = load_sample("coffee")
    return _working(image.sha256, image)


def _numbers(page: Page, step: str) -> np.ndarray:
    """The grid as it can be read; 1,000 and more have no decimals, less has one."""
    grid = page.get_by_label(f"Numbers of {step}").locator(".grid")
    texts = grid.locator(".cell").all_text_contents()
    columns = int(grid.evaluate("node => node.style.getPropertyValue('--columns')"))
    return np.array([float(text.replace("−", "-")) for text in texts]).reshape(-1, columns)


def _place(page: Page) -> tuple[int, int]:
    """Row and column of the explained cell of the convolution, from 0."""
    text = page.get_by_label("Sum of products").locator(".caption").inner_text()
    found = re.match(r"Row (\d+), column (\d+)", text)
    assert found
    return int(found[1]) - 1, int(found[2]) - 1


def _agree(page: Page, pixels: np.ndarray, channel: str, recipe: fundamentals.Recipe) -> None:
    """All grids equal the same part of the whole planes, and the spelled-out sum is the cell's."""
    plane = fundamentals.channel_plane(pixels, channel)  # type: ignore[arg-type]
    steps = fundamentals.run_steps(plane, recipe)
    shown = _numbers(page, "Convolution")
    # Nothing is pointed at, so the explained cell is the one in the middle of the grid.
    row, column = _place(page)
    top, left = row - shown.shape[0] // 2, column - shown.shape[1] // 2
    part = steps["conv"].values[top : top + shown.shape[0], left : left + shown.shape[1]]
    np.testing.assert_allclose(shown, part, atol=0.51 if np.abs(part).max() >= 1000 else 0.051)
    y, x = top * recipe.stride, left * recipe.stride
    padded = np.pad(plane, recipe.padding)
    source = _numbers(page, "Picture")
    np.testing.assert_array_equal(source, padded[y : y + source.shape[0], x : x + source.shape[1]])
    if recipe.pool:
        pooled = _numbers(page, "Max-pool")
        by = recipe.pool
        whole = steps["pool"].values[top // by : top // by + pooled.shape[0], left // by : left // by + pooled.shape[1]]
        np.testing.assert_allclose(pooled, whole, atol=0.51 if whole.max() >= 1000 else 0.051)
    said = page.get_by_label("Sum of products").locator(".result b").inner_text().replace("−", "-")
    assert float(said) == pytest.approx(steps["conv"].values[row, column], abs=0.51)


def _away(page: Page) -> None:
    page.mouse.move(2, 2)


def test_first_sight(lab: tuple[Page, list[str]], pixels: np.ndarray) -> None:
    page, errors = lab
    kernel = fundamentals.parse_kernel(fundamentals.preset("sharpen", 3))
    _agree(page, pixels, "grey", fundamentals.Recipe(kernel=kernel, padding=1))
    assert errors == []


def test_every_control_changes_numbers_and_pictures(lab: tuple[Page, list[str]], pixels: np.ndarray) -> None:
    page, errors = lab
    before = page.get_by_role("img", name="Coffee after Convolution").get_attribute("src")
    page.get_by_role("radio", name="Horizontal edges").click()
    page.get_by_role("radio", name="5 × 5").click()
    page.get_by_label("Stride").get_by_role("radio", name="2").click()
    page.get_by_label("Padding").get_by_role("radio", name="0").click()
    page.get_by_role("radio", name="R", exact=True).click()
    page.get_by_role("radio", name="3 × 3").last.click()
    _away(page)
    kernel = fundamentals.parse_kernel(fundamentals.preset("horizontal", 5))
    _agree(page, pixels, "red", fundamentals.Recipe(kernel=kernel, stride=2, padding=0, pool=3))
    expect(page.get_by_role("img", name="Coffee after Convolution")).not_to_have_attribute("src", before or "")
    for part in ("kernel=horizontal", "size=5", "stride=2", "padding=0", "pool=3", "channel=red"):
        expect(page).to_have_url(re.compile(part))
    assert errors == []


def test_a_typed_weight_counts_and_a_typing_error_is_named(lab: tuple[Page, list[str]], pixels: np.ndarray) -> None:
    page, errors = lab
    page.get_by_role("radio", name="Blur").click()
    page.get_by_role("radio", name="3 × 3").first.click()
    page.get_by_label("Stride").get_by_role("radio", name="1").click()
    page.get_by_role("radio", name="Grey").click()
    page.get_by_label("Weight in row 1, column 2").fill("-1/2")
    _away(page)
    kernel = np.full((3, 3), 1 / 9)
    kernel[0, 1] = -0.5
    _agree(page, pixels, "grey", fundamentals.Recipe(kernel=kernel, padding=0, pool=3))
    page.get_by_label("Weight in row 1, column 2").fill("two")
    expect(page.get_by_text("'two' is not a number; type one such as 2, -0.5 or 1/9.")).to_be_visible()
    _agree(page, pixels, "grey", fundamentals.Recipe(kernel=kernel, padding=0, pool=3))
    for row in (1, 2, 3):
        for column in (1, 2, 3):
            page.get_by_label(f"Weight in row {row}, column {column}").fill("0")
    expect(page.get_by_text("All weights are 0")).to_be_visible()
    assert errors == []


def test_a_click_moves_the_frame_and_a_hover_lights_the_window(lab: tuple[Page, list[str]], pixels: np.ndarray) -> None:
    page, errors = lab
    page.get_by_role("radio", name="Sharpen").click()
    page.get_by_role("radio", name="2 × 2").click()
    picture = page.get_by_role("img", name="Coffee, the picture worked on")
    picture.click(position={"x": 1, "y": 1})
    _away(page)
    kernel = fundamentals.parse_kernel(fundamentals.preset("sharpen", 3))
    _agree(page, pixels, "grey", fundamentals.Recipe(kernel=kernel, padding=0, pool=2))
    assert _place(page) == (4, 4)  # the middle of a frame that begins in the corner
    lit = page.get_by_label("Numbers of Picture").locator(".cell.lit")
    page.get_by_label("Numbers of Convolution").locator(".cell").first.hover()
    expect(lit).to_have_count(9)
    assert _place(page) == (0, 0)
    page.get_by_label("Numbers of Max-pool").locator(".cell").first.hover()
    expect(lit).to_have_count(16)  # four windows of 3 x 3, one step apart
    expect(page.get_by_text("Max-pool keeps")).to_be_visible()
    assert errors == []


def test_keys_move_from_number_to_number(lab: tuple[Page, list[str]]) -> None:
    page, errors = lab
    _away(page)
    page.get_by_label("Numbers of Convolution").locator(".grid").focus()
    row, column = _place(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert _place(page) == (row + 1, column + 1)
    assert errors == []
