"""Accuracy against size and speed: one chart for a family of networks and the published figures beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10, sqrt
from typing import TYPE_CHECKING

from cvdemo.viz.figures import significant
from cvdemo.viz.palette import class_hex

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_OURS, _PUBLISHED = class_hex(4), class_hex(3)
_GREY = "rgba(128,128,128,0.9)"
#: Diameter in pixels of the mark of a network that takes a millisecond.
_MILLISECOND = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPoint:
    """A network measured here. accuracy: 0..1. latency_s: of one picture, None where it was not measured."""

    title: str
    accuracy: float
    parameters: int
    latency_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A figure that others published. parameters: None where they did not say, or where it makes no sense."""

    title: str
    accuracy: float
    parameters: int | None = None


def family_scatter(points: Sequence[NetworkPoint], references: Sequence[Reference]) -> Figure:
    """Accuracy (up) over parameters (to the right, each line ten times as many); the area of a mark is its latency.

    References with parameters are diamonds, those without are lines across. Works with no points at all.
    """
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    sized = [reference for reference in references if reference.parameters]
    if sized:
        figure.add_trace(
            Scatter(
                x=[reference.parameters for reference in sized],
                y=[reference.accuracy * 100 for reference in sized],
                mode="markers+text",
                name="published",
                text=[reference.title for reference in sized],
                textposition="bottom center",
                marker={"symbol": "diamond-open", "size": 12, "color": _PUBLISHED, "line": {"width": 2}},
                hovertemplate="%{text}<br>%{y:.1f} %, %{x:.3s} parameters, published<extra></extra>",
            )
        )
    if points:
        figure.add_trace(
            Scatter(
                x=[point.parameters for point in points],
                y=[point.accuracy * 100 for point in points],
                mode="markers+text",
                name="measured here",
                text=[point.title for point in points],
                textposition="top center",
                customdata=[_latency(point) for point in points],
                marker={"size": [_diameter(point) for point in points], "color": _OURS, "opacity": 0.85},
                hovertemplate="%{text}<br>%{y:.2f} %, %{x:.3s} parameters%{customdata}<extra></extra>",
            )
        )
    _lines(figure, [reference for reference in references if not reference.parameters])
    _axes(figure, points, references)
    return figure


def _lines(figure: Figure, references: Sequence[Reference]) -> None:
    """A line across for each; where two come close, their names stand one after the other."""
    ordered = sorted(references, key=lambda reference: reference.accuracy)
    for i, reference in enumerate(ordered):
        close = i > 0 and (reference.accuracy - ordered[i - 1].accuracy) < 0.004
        figure.add_hline(y=reference.accuracy * 100, line={"dash": "dot", "width": 1, "color": _GREY})
        figure.add_annotation(
            xref="paper",
            x=0.99 if not close else 0.8,
            y=reference.accuracy * 100,
            yanchor="bottom",
            xanchor="right",
            text=f"{reference.title} {reference.accuracy * 100:.1f}",
            showarrow=False,
            font={"size": 12, "color": _GREY},
        )


def _axes(figure: Figure, points: Sequence[NetworkPoint], references: Sequence[Reference]) -> None:
    shown: list[NetworkPoint | Reference] = [*points, *references]
    heights = [100 * each.accuracy for each in shown] or [80.0, 100.0]
    widths = [each.parameters for each in shown if each.parameters] or [10_000, 10_000_000]
    figure.update_xaxes(
        type="log",
        title="parameters",
        range=[log10(min(widths)) - 0.45, log10(max(widths)) + 0.45],
        dtick=1,
        tickformat="~s",
        fixedrange=True,
    )
    figure.update_yaxes(
        title="test accuracy, %", range=[min(heights) - 1.2, max(heights) + 1.2], fixedrange=True, ticksuffix=" "
    )
    figure.update_layout(
        height=440,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
    )


def _diameter(point: NetworkPoint) -> float:
    """Area in proportion to latency, within what can be seen and does not hide its neighbours."""
    if point.latency_s is None:
        return 8.0
    return min(60.0, max(6.0, _MILLISECOND * sqrt(point.latency_s * 1000)))


def _latency(point: NetworkPoint) -> str:
    return "" if point.latency_s is None else f", {significant(point.latency_s * 1000, 2)} ms"
