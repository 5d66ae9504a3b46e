"""The convolution page and what it accepts from a browser and an address."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PilImage
from streamlit.testing.v1 import AppTest

from cvdemo.fundamentals import PRESETS, SIZES
from cvdemo.imaging import image_from_pixels
from cvdemo.ui import convolution
from cvdemo.ui.convolution_settings import CUSTOM, ConvolutionSettings, checked, from_address, to_address

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")
START = ConvolutionSettings()


def _page(**query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.run()
    app.switch_page("convolution.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    PilImage.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def _kept(app: AppTest) -> ConvolutionSettings:
    return app.session_state["convolution_settings"]


def test_the_first_visit_shows_a_result() -> None:
    app = _page()
    assert not app.exception
    assert app.title[0].value == "Convolution by hand"
    assert _kept(app).recipe().kernel.any()


def test_a_link_restores_the_settings() -> None:
    app = _page(kernel="0 0 0; 0 1/2 0; 0 0 -1", stride="2", padding="0", pool="3", relu="off", channel="red")
    assert not app.exception
    kept = _kept(app)
    assert (kept.stride, kept.padding, kept.pool, kept.rectify, kept.channel) == (2, 0, 3, False, "red")
    np.testing.assert_array_equal(kept.recipe().kernel, [[0, 0, 0], [0, 0.5, 0], [0, 0, -1]])
    assert app.query_params["kernel"] == "0 0 0; 0 1/2 0; 0 0 -1"


def test_one_pixel_is_no_trouble() -> None:
    app = _page()
    app.file_uploader[0].set_value(("dot.png", _png(np.full((1, 1, 3), 9, np.uint8)), "image/png")).run()
    assert not app.exception
    assert app.session_state["convolution_at"][1] == (0, 0)


def test_settings_follow_to_another_page_and_back() -> None:
    app = _page(kernel="emboss", size="5")
    app.switch_page("home.py").run()
    app.switch_page("convolution.py").run()
    assert not app.exception
    assert _kept(app).preset == "emboss"
    assert len(_kept(app).cells) == 5


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("side", SIZES)
def test_every_preset_survives_the_address(name: str, side: int) -> None:
    asked = {"kernel": name, "size": str(side)}
    settings = from_address(START, asked)
    assert (settings.preset, len(settings.good)) == (name, side)
    again = from_address(START, {key: value for key, value in to_address(settings).items() if value})
    assert again == settings


@pytest.mark.parametrize(
    "told",
    [
        {"stride": 0},
        {"stride": "2"},
        {"stride": True},
        {"padding": 9},
        {"pool": None},
        {"channel": "alpha"},
        {"preset": "sepia"},
        {"rectify": "yes"},
        {"cells": [["1", "2"], ["3", "4"]]},
        {"cells": [["1", "2", 3]] * 3},
        {"cells": "1 2 3"},
        {"at": [1]},
        {"at": [-1, 5]},
        {"at": ["a", "b"]},
    ],
)
def test_nonsense_from_a_browser_changes_nothing(told: dict[str, Any]) -> None:
    assert checked(START, told) == START


@pytest.mark.parametrize("kernel", ["", ";", "1 2; 3 4", "x;y;z", "sepia", "0 0 0; 0 1 0"])
def test_nonsense_in_an_address_changes_nothing(kernel: str) -> None:
    assert from_address(START, {"kernel": kernel, "stride": "x", "pool": "99", "relu": "maybe"}).good == START.good


def test_a_typing_error_keeps_the_last_good_kernel_and_says_so() -> None:
    typed = [["1", "2", "3"], ["4", "five", "6"], ["7", "8", "9"]]
    settings = checked(START, {"preset": CUSTOM, "cells": typed})
    assert settings.good == START.good
    assert settings.problem() == "'five' is not a number; type one such as 2, -0.5 or 1/9."
    np.testing.assert_array_equal(settings.recipe().kernel, START.recipe().kernel)


def test_a_kernel_of_zeros_says_so() -> None:
    settings = checked(START, {"preset": CUSTOM, "cells": [["0"] * 3] * 3})
    assert "All weights are 0" in (settings.problem() or "")


def test_steps_that_have_nothing_to_work_on_are_left_out_with_a_sentence() -> None:
    pixels = np.full((1, 1, 3), 9, np.uint8)
    steps, sentence = convolution._steps(pixels, checked(START, {"padding": 1, "pool": 2}))
    assert list(steps) == ["conv", "relu"]
    assert "too few for pooling" in (sentence or "")
    steps, sentence = convolution._steps(pixels, checked(START, {"padding": 0}))
    assert steps == {}
    assert "does not fit into 1 × 1 pixels" in (sentence or "")


def test_every_preset_has_words() -> None:
    assert set(convolution._TITLES) == set(PRESETS)


@pytest.mark.parametrize("size_hw", [(1, 1), (3, 2000), (300, 200), (1200, 1600)])
def test_the_working_picture_is_small_and_never_enlarged(size_hw: tuple[int, int]) -> None:
    image = image_from_pixels(np.zeros((*size_hw, 3), np.uint8), "black")
    pixels = convolution._working(image.sha256, image)
    assert max(pixels.shape[:2]) <= convolution.WORKING_SIDE
    assert pixels.shape[0] <= size_hw[0]
    assert pixels.shape[1] <= size_hw[1]
