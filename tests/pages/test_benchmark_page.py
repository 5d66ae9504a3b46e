"""The benchmark page: real networks measured in the background, for their visitor only, one benchmark at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from cvdemo.benchmark.run import desk
from tests.pages.conftest import shown_text

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    desk().close()


def _measure(at: AppTest, names: list[str]) -> None:
    at.multiselect(key="benchmark-models").set_value(names).run()
    at.button(key="benchmark-start").click().run()
    assert not at.exception


def test_measured_networks_are_listed_drawn_and_downloadable(open_page: Open) -> None:
    at = open_page("benchmark")
    _measure(at, ["fashion-nano", "article-cnn"])
    end = time.monotonic() + 280
    while not at.dataframe or len(at.dataframe[0].value) < 2:
        assert time.monotonic() < end
        time.sleep(0.5)
        at.run()
        assert not at.exception
    table = at.dataframe[0].value
    assert list(table["Network"]) == ["Fashion nano", "The article's CNN"]
    assert (table["Forward, ms"] <= table["Median, ms"]).all()
    assert (table["Median, ms"] <= table["95 %, ms"]).all()
    assert at.selectbox(key="benchmark-figure").options == ["accuracy on Fashion-MNIST test, 10,000 images"]
    assert "Fashion nano" in at.get("plotly_chart")[0].proto.spec
    assert len(at.get("download_button")) == 2


def test_one_at_a_time_and_only_its_visitor_sees_it(open_page: Open) -> None:
    mine = open_page("benchmark")
    _measure(mine, ["centernet", "nanodet"])
    assert "0 of 2 done" in mine.get("progress")[0].proto.text
    other = open_page("benchmark")
    assert not other.get("progress")
    _measure(other, ["fashion-nano"])
    assert "as many as this machine takes" in shown_text(other)
    mine.button(key="benchmark-cancel").click().run()
    run = next(iter(desk()._entries.values())).run
    assert run.join(30)
    assert run.state == "cancelled"


def test_nothing_chosen_is_one_sentence(open_page: Open) -> None:
    at = open_page("benchmark")
    _measure(at, [])
    assert "Choose at least one network" in shown_text(at)
