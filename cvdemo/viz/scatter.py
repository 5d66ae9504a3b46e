"""Accuracy against size and speed: one chart for a family of networks and the published figures beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10, sqrt
from typing import TYPE_CHECKING

from cvdemo.viz.figures import significant
from cvdemo.viz.label_places import Mark, sides
from cvdemo.viz.palette import class_hex

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_OURS, _PUBLISHED = class_hex(4), class_hex(3)
_GREY = "rgba(128,128,128,0.9)"
#: Diameter in pixels of the mark of a network that takes a millisecond.
_MILLISECOND = 16.0
#: Size of the plot in pixels for which labels are placed: a narrow laptop window.
_PLOT_WH = (760, 370)
#: Lines closer than this share a note.
_CLOSE = 0.004


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
    labels = _label_sides(points, references)
    for name, shown, marker, hover in (
        ("published", sized, {"symbol": "diamond-open", "color": _PUBLISHED, "line": {"width": 2}}, ", published"),
        ("measured here", points, {"color": _OURS, "opacity": 0.85}, "%{customdata}"),
    ):
        if shown:
            figure.add_trace(
                Scatter(
                    x=[each.parameters for each in shown],
                    y=[each.accuracy * 100 for each in shown],
                    mode="markers+text",
                    name=name,
                    text=[each.title for each in shown],
                    textposition=[labels[each.title] for each in shown],
                    customdata=[_latency(each) for each in shown],
                    marker={"size": [_diameter(each) for each in shown], **marker},
                    hovertemplate="%{text}<br>%{y:.2f} %, %{x:.3s} parameters" + hover + "<extra></extra>",
                )
            )
    _lines(figure, [reference for reference in references if not reference.parameters])
    _axes(figure, points, references)
    return figure


def _label_sides(points: Sequence[NetworkPoint], references: Sequence[Reference]) -> dict[str, str]:
    """Title -> side of its mark where the label stands, the lines across and their notes left free."""
    (left, right), (bottom, top) = _ranges(points, references)
    width, height = _PLOT_WH

    def y_of(accuracy: float) -> float:
        return (top - accuracy * 100) / (top - bottom) * height

    shown: list[NetworkPoint | Reference] = [*points, *(each for each in references if each.parameters)]
    shown.sort(key=lambda each: -each.accuracy)
    marks = [
        Mark(
            (log10(each.parameters or 1) - left) / (right - left) * width,
            y_of(each.accuracy),
            _diameter(each),
            each.title,
        )
        for each in shown
    ]
    lines = [y_of(each.accuracy) for each in references if not each.parameters]
    taken = [(0.0, y - 1, float(width), y + 1) for y in lines] + [
        (width - 160.0, y - 16, float(width), y) for y in lines
    ]
    return dict(zip((mark.text for mark in marks), sides(marks, taken), strict=True))


def _lines(figure: Figure, references: Sequence[Reference]) -> None:
    """A line across for each; lines that come close share one note above the highest of them."""
    groups: list[list[Reference]] = []
    for reference in sorted(references, key=lambda reference: reference.accuracy):
        figure.add_hline(y=reference.accuracy * 100, line={"dash": "dot", "width": 1, "color": _GREY})
        if groups and reference.accuracy - groups[-1][-1].accuracy < _CLOSE:
            groups[-1].append(reference)
        else:
            groups.append([reference])
    for group in groups:
        figure.add_annotation(
            xref="paper",
            x=0.99,
            y=group[-1].accuracy * 100,
            yanchor="bottom",
            xanchor="right",
            text=" · ".join(f"{each.title} {each.accuracy * 100:.1f}" for each in group),
            showarrow=False,
            font={"size": 12, "color": _GREY},
        )


Ranges = tuple[tuple[float, float], tuple[float, float]]


def _ranges(points: Sequence[NetworkPoint], references: Sequence[Reference]) -> Ranges:
    """What the axes span: powers of ten of parameters, and per cent."""
    shown: list[NetworkPoint | Reference] = [*points, *references]
    heights = [100 * each.accuracy for each in shown] or [80.0, 100.0]
    widths = [each.parameters for each in shown if each.parameters] or [10_000, 10_000_000]
    return (log10(min(widths)) - 0.45, log10(max(widths)) + 0.45), (min(heights) - 1.2, max(heights) + 1.2)


def _axes(figure: Figure, points: Sequence[NetworkPoint], references: Sequence[Reference]) -> None:
    x_range, y_range = _ranges(points, references)
    figure.update_xaxes(type="log", title="parameters", range=list(x_range), dtick=1, tickformat="~s", fixedrange=True)
    figure.update_yaxes(title="test accuracy, %", range=list(y_range), fixedrange=True, ticksuffix=" ")
    figure.update_layout(
        height=440,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
    )


def _diameter(point: NetworkPoint | Reference) -> float:
    """Area in proportion to latency, within what can be seen and does not hide its neighbours."""
    if isinstance(point, Reference):
        return 12.0
    if point.latency_s is None:
        return 8.0
    return min(40.0, max(8.0, _MILLISECOND * sqrt(point.latency_s * 1000)))


def _latency(point: NetworkPoint | Reference) -> str:
    if isinstance(point, Reference) or point.latency_s is None:
        return ""
    return f", {significant(point.latency_s * 1000, 2)} ms"
