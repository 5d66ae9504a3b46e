"""The chart of accuracy against time."""

from __future__ import annotations

from cvdemo.viz.trade_off import Point, trade_off


def test_the_marks_stand_where_the_figures_say() -> None:
    figure = trade_off(
        [Point(title="a", accuracy=0.9, seconds=0.002), Point(title="b", accuracy=0.95, seconds=0.2)], "accuracy on x"
    )
    (marks,) = figure.data
    assert list(marks.x) == [2.0, 200.0]
    assert list(marks.y) == [0.9, 0.95]
    low, high = figure.layout.yaxis.range
    assert low < 0.9 < 0.95 < high
    assert figure.layout.yaxis.title.text == "accuracy"


def test_one_network_alone_has_a_chart() -> None:
    figure = trade_off([Point(title="a", accuracy=0.5, seconds=0.01)], "mIoU on x")
    low, high = figure.layout.xaxis.range
    assert low < 1 < high
