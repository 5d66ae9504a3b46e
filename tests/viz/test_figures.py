"""Charts say what the results say, and leave their colours of text and paper to the page."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.types import Classification, Segmentation, Timed
from cvdemo.viz.figures import percent, probability_bars, share_bars, significant, timing_bar
from cvdemo.viz.palette import class_hex


def test_probability_bars() -> None:
    result = Classification(np.array([0.1, 0.6, 0.05, 0.25], np.float32), ("a", "crane", "c", "crane"))
    bar = probability_bars(result, top_k=3).data[0]
    assert list(bar.x) == pytest.approx([0.6, 0.25, 0.1])
    assert list(bar.customdata) == ["crane", "crane", "a"]
    assert len(set(bar.y)) == 3  # two classes of one name stay two bars
    assert list(bar.text) == ["60.0 %", "25.0 %", "10.0 %"]


def test_share_bars() -> None:
    class_map = np.zeros((10, 10), np.uint8)
    class_map[:, 7:] = 2
    result = Segmentation(class_map, np.zeros((4, 2, 2), np.float32), (10, 10))
    bar = share_bars(result, ("sky", "road", "tree", "car")).data[0]
    assert list(bar.customdata) == ["sky", "tree"]
    assert list(bar.x) == pytest.approx([0.7, 0.3])
    assert list(bar.marker.color) == [class_hex(0), class_hex(2)]


def test_timing_bar() -> None:
    timed = Timed(result=None, preprocess_s=0.001, forward_s=0.054, postprocess_s=0.005, device="cpu", model="m")
    figure = timing_bar(timed)
    assert [trace.name for trace in figure.data] == ["preprocess", "forward", "decode"]
    assert [trace.x[0] for trace in figure.data] == pytest.approx([1, 54, 5])
    assert "54.0 ms" in figure.data[1].text[0]
    assert figure.data[0].text[0] == ""  # too narrow for its text


def test_figures_follow_the_theme() -> None:
    layout = timing_bar(Timed(None, 0.0, 0.0, 0.0, "cpu", "m")).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color is None


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.01234, "0.0123"), (1.234, "1.23"), (45.67, "45.7"), (789.2, "789"), (99.96, "100"),
                        (12345.0, "12300")]
)  # fmt: skip
def test_significant(value: float, text: str) -> None:
    assert significant(value) == text


def test_percent_never_claims_certainty() -> None:
    assert percent(0.99999) == "over 99.9 %"
    assert percent(0.00001) == "under 0.1 %"
    assert percent(0.123) == "12.3 %"
    assert percent(0) == "0.0 %"
    assert percent(1) == "100.0 %"
