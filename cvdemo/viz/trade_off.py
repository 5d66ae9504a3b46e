"""Accuracy against time: the upper left corner is where one wants to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

from cvdemo.viz.figures import significant
from cvdemo.viz.label_places import Mark, sides
from cvdemo.viz.palette import class_hex

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

#: Size of the plot in pixels for which labels are placed.
_PLOT_WH = (760, 320)
_DIAMETER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A network. accuracy: 0..1. seconds: of one answer."""

    title: str
    accuracy: float
    seconds: float


def trade_off(points: Sequence[Point], what: str) -> Figure:
    """Accuracy (up) over milliseconds (to the right, logarithmic). what: the accuracy's name. Points: one or more."""
    from plotly.graph_objects import Figure, Scatter

    left, right = _span([log10(point.seconds * 1e3) for point in points], 0.3)
    bottom, top = _span([point.accuracy for point in points], 0.02)
    width, height = _PLOT_WH
    marks = [
        Mark(
            (log10(point.seconds * 1e3) - left) / (right - left) * width,
            (top - point.accuracy) / (top - bottom) * height,
            _DIAMETER,
            point.title,
        )
        for point in points
    ]
    figure = Figure(
        Scatter(
            x=[point.seconds * 1e3 for point in points],
            y=[point.accuracy for point in points],
            text=[point.title for point in points],
            textposition=sides(marks),
            customdata=[significant(point.seconds * 1e3, 3) for point in points],
            mode="markers+text",
            marker={"size": _DIAMETER, "color": class_hex(4)},
            hovertemplate="%{text}<br>%{y:.3f}, %{customdata} ms<extra></extra>",
        )
    )
    figure.update_xaxes(
        type="log", title="median of one answer, ms", range=[left, right], nticks=8, tickformat="~g", fixedrange=True
    )
    figure.update_yaxes(title=what.partition(" on ")[0], range=[bottom, top], fixedrange=True, ticksuffix=" ")
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
    )
    return figure


def _span(values: Sequence[float], room: float) -> tuple[float, float]:
    """From the smallest to the largest with a third of the difference around, and at least room."""
    around = max(room, (max(values) - min(values)) / 3)
    return min(values) - around, max(values) + around
