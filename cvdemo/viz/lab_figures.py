"""Charts of the garment laboratory in plotly; like the others, they take Streamlit's theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.viz.palette import class_hex

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_BLUE, _ORANGE, _GREY = class_hex(4), class_hex(3), "#8a9099"
_CLEAR = "rgba(0,0,0,0)"


def confusion_heatmap(counts: NDArray[np.int64], names: Sequence[str], chosen: tuple[int, int] | None) -> Figure:
    """(K, K) counts, rows the true classes, as a heat map whose every cell can be clicked.

    Colours are shares of the row, on a square-root scale so that rare mistakes show. A click selects a point of the
    second trace, whose customdata is [true class, predicted class].
    """
    from plotly.graph_objects import Figure, Heatmap, Scatter

    size = len(names)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    colours = [[0, "rgba(0,114,178,0)"], [0.02, "rgba(0,114,178,0.10)"], [1, "rgba(0,114,178,0.95)"]]
    figure = Figure(
        Heatmap(
            z=np.sqrt(shares), zmin=0, zmax=1, colorscale=colours, showscale=False, hoverinfo="skip", xgap=2, ygap=2
        )
    )
    rows, columns = (axis.ravel() for axis in np.mgrid[0:size, 0:size])
    words = [_cell(counts, names, int(r), int(c)) for r, c in zip(rows, columns, strict=True)]
    marker: dict[str, Any] = {"size": 26, "symbol": "square", "color": _CLEAR}
    shown = [f"{counts[r, c]:,}" if counts[r, c] else "" for r, c in zip(rows, columns, strict=True)]
    # On a cell that is deep blue in both themes the numbers are white; elsewhere they take the theme's colour.
    for deep in (False, True):
        pick = (shares[rows, columns] > 0.4) == deep
        figure.add_trace(
            Scatter(
                x=columns[pick],
                y=rows[pick],
                mode="markers+text",
                text=[text for text, use in zip(shown, pick, strict=True) if use],
                textfont={"size": 12, **({"color": "#ffffff"} if deep else {})},
                marker=marker,
                customdata=np.stack([rows, columns], axis=1)[pick].tolist(),
                hovertext=[word for word, use in zip(words, pick, strict=True) if use],
                hoverinfo="text",
                selected={"marker": {"opacity": 1}, "textfont": {"color": "#ffffff"} if deep else {}},
                unselected={"marker": {"opacity": 1}, "textfont": {"color": "#ffffff"} if deep else {}},
            )
        )
    if chosen:
        true, said = chosen
        figure.add_shape(
            type="rect", x0=said - 0.5, x1=said + 0.5, y0=true - 0.5, y1=true + 0.5, line={"color": _ORANGE, "width": 3}
        )
    figure.update_layout(**_bare(460), showlegend=False, clickmode="event+select", dragmode=False)
    figure.update_layout(margin={"l": 0, "r": 36, "t": 4, "b": 4})  # the last name leans out to the right
    ticks = {"tickvals": list(range(size)), "ticktext": list(names), "showgrid": False, "zeroline": False}
    figure.update_xaxes(title="said", side="top", tickangle=-45, fixedrange=True, range=[-0.5, size - 0.5], **ticks)
    figure.update_yaxes(title="true", fixedrange=True, range=[size - 0.5, -0.5], automargin=True, **ticks)
    return figure


def _cell(counts: NDArray[np.int64], names: Sequence[str], true: int, said: int) -> str:
    share = counts[true, said] / max(int(counts[true].sum()), 1)
    verb = "named right" if true == said else f"taken for {names[said]}"
    return f"{names[true]}: {counts[true, said]:,} {verb} ({share * 100:.1f} %)"


def reliability_diagram(
    confidence: NDArray[np.float64], accuracy: NDArray[np.float64], counts: NDArray[np.int64]
) -> Figure:
    """Share right against confidence by bin, NaN where a bin is empty; on the dashed line confidence is honest."""
    from plotly.graph_objects import Bar, Figure, Scatter

    bins = len(counts)
    centres = (np.arange(bins) + 0.5) / bins
    hover = [
        f"{n:,} images with {c * 100:.0f} % on average<br>{a * 100:.1f} % of them right" if n else ""
        for n, c, a in zip(counts, confidence, accuracy, strict=True)
    ]
    figure = Figure(
        Bar(
            x=centres,
            y=np.nan_to_num(accuracy),
            width=0.92 / bins,
            marker_color=_BLUE,
            hovertext=hover,
            hoverinfo="text",
        )
    )
    figure.add_trace(
        Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dash", "color": _GREY, "width": 1.5}, hoverinfo="skip")
    )
    figure.update_layout(**_bare(300), showlegend=False)
    for axis, title in ((figure.update_xaxes, "confidence"), (figure.update_yaxes, "share right")):
        axis(title=title, range=[0, 1.02], tickformat=".0%", fixedrange=True, automargin=True)
    return figure


def training_curves(
    lines: Mapping[str, Sequence[tuple[float, float]]], title: str, percent: bool, epochs: int | None = None
) -> Figure:
    """Curves over epochs. lines: name -> (epochs done, value). epochs: right end of the axis, where it is known."""
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    for (name, points), color in zip(lines.items(), (_BLUE, _ORANGE, class_hex(2)), strict=False):
        few = len(points) <= 40
        figure.add_trace(
            Scatter(
                x=[x for x, _ in points],
                y=[y for _, y in points],
                name=name,
                mode="lines+markers" if few else "lines",
                line={"color": color, "width": 2},
                marker={"size": 5},
                hovertemplate="epoch %{x:.1f}: %{y:.1%}" if percent else "epoch %{x:.1f}: %{y:.3f}",
            )
        )
    figure.update_layout(**_bare(260), title={"text": title, "font": {"size": 14}, "x": 0, "y": 0.98})
    figure.update_layout(
        margin={"l": 0, "r": 8, "t": 34, "b": 4},
        showlegend=len(lines) > 1,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )
    figure.update_xaxes(title="epoch", fixedrange=True, rangemode="tozero", range=[0, epochs] if epochs else None)
    figure.update_yaxes(fixedrange=True, automargin=True, tickformat=".0%" if percent else None)
    if not any(lines.values()):
        figure.update_yaxes(range=[0, 1])
    return figure


def _bare(height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 4, "b": 4},
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "bargap": 0.08,
    }
