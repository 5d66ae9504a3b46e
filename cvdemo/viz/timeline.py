"""Charts over the time of a video in plotly; like the others, they take Streamlit's theme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.viz.palette import LEFT, RIGHT, class_hex

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_CLEAR = "rgba(0,0,0,0)"


def timeline(
    seconds: NDArray[np.float64], curves: Mapping[int, NDArray[np.float64]], names: Mapping[int, str], unit: str
) -> Figure:
    """A line for each class in its colour. seconds: (T,). curves: class id -> (T,). unit: "count", or a share of 1."""
    from plotly.graph_objects import Figure, Scatter

    counted = unit == "count"
    figure = Figure()
    used: set[str] = set()
    for class_id, values in curves.items():
        color = class_hex(class_id)
        value = "%{y:.0f}" if counted else "%{y:.1%}"
        figure.add_trace(
            Scatter(
                x=seconds,
                y=values,
                name=names[class_id],
                mode="lines",
                # A count holds until the next frame; a share goes over into the next one.
                line={
                    "color": color,
                    "width": 2,
                    "shape": "hv" if counted else "linear",
                    "dash": "dot" if color in used else "solid",  # the palette has 20 colours, then they come again
                },
                hovertemplate=f"{value} at %{{x:.2f}} s",
            )
        )
        used.add(color)
    _dress(figure)
    top = max((float(v.max()) for v in curves.values() if len(v)), default=1.0)
    if counted:
        figure.update_yaxes(range=[0, max(top, 1) * 1.08], dtick=1 if top <= 10 else None, rangemode="tozero")
    else:
        figure.update_yaxes(range=[0, min(1.0, max(top * 1.1, 0.05))], tickformat=".0%")
    return figure


def angle_chart(
    seconds: NDArray[np.float64], sides: Mapping[str, NDArray[np.float32]], band: tuple[float, float]
) -> Figure:
    """The angle of a joint on both sides, degrees over seconds, gaps where it is not seen, and the band that a
    repetition has to cross. sides: "left" and "right" -> (T,)."""
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    for (side, angles), color in zip(sides.items(), (LEFT, RIGHT), strict=False):
        figure.add_trace(
            Scatter(
                x=seconds,
                y=[None if np.isnan(a) else round(float(a), 1) for a in angles],
                name=side,
                mode="lines+markers" if len(seconds) <= 60 else "lines",
                marker={"size": 4},
                line={"color": "rgb({},{},{})".format(*color), "width": 2},
                hovertemplate="%{y:.0f}° at %{x:.2f} s",
            )
        )
    figure.add_hrect(y0=band[0], y1=band[1], fillcolor="rgba(128,136,145,0.18)", line_width=0, layer="below")
    _dress(figure)
    figure.update_yaxes(range=[0, 185], dtick=45, ticksuffix="°")
    return figure


def _dress(figure: Figure) -> None:
    layout: dict[str, Any] = {
        "height": 260,
        "margin": {"l": 0, "r": 8, "t": 30, "b": 4},
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        "hovermode": "x unified",
    }
    figure.update_layout(**layout)
    figure.update_xaxes(title="seconds", fixedrange=True, rangemode="tozero")
    figure.update_yaxes(fixedrange=True, automargin=True)
