"""Charts in plotly, without a theme of their own: they take Streamlit's, light or dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cvdemo.types import Classification, Segmentation, Timed
from cvdemo.viz.palette import class_hex

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_BAR_PIXELS = 30
_STEP_COLORS = {"preprocess": class_hex(1), "forward": class_hex(4), "decode": class_hex(2)}


def probability_bars(result: Classification, top_k: int = 5, color: str = class_hex(4)) -> Figure:
    """The most probable classes as horizontal bars, the best at the top, percentages at their ends."""
    top = result.top(top_k)
    return _bars(
        names=[name for _, name, _ in top],
        shares=[prob for _, _, prob in top],
        colors=[color if i == 0 else _translucent(color, 0.5) for i in range(len(top))],
        hover="%{customdata}: %{text}",
    )


def share_bars(result: Segmentation, class_names: Sequence[str], min_share: float = 0.0005) -> Figure:
    """How much of the picture each class covers, in the classes' colours, the largest at the top."""
    shares = result.shares()
    order = [int(i) for i in (-shares).argsort(kind="stable") if shares[i] >= min_share]
    return _bars(
        names=[class_names[i] for i in order],
        shares=[float(shares[i]) for i in order],
        colors=[class_hex(i) for i in order],
        hover="%{customdata}: %{text} of the picture",
    )


def timing_bar(timed: Timed[object]) -> Figure:
    """One bar: milliseconds of preprocess, forward and decode, end to end."""
    steps = {"preprocess": timed.preprocess_s, "forward": timed.forward_s, "decode": timed.postprocess_s}
    return stacked_bar({name: seconds * 1000 for name, seconds in steps.items()}, unit="ms", colors=_STEP_COLORS)


def stacked_bar(parts: Mapping[str, float], unit: str, colors: Mapping[str, str]) -> Figure:
    """The parts of a whole as one bar; a part says its name and value inside where it is wide enough."""
    from plotly.graph_objects import Bar, Figure

    total = sum(parts.values()) or 1.0
    figure = Figure()
    for name, value in parts.items():
        label = f"{name} {significant(value)} {unit}"
        figure.add_trace(
            Bar(
                x=[value],
                y=[""],
                orientation="h",
                name=name,
                marker_color=colors[name],
                text=[label if value > 0.18 * total else ""],
                textposition="inside",
                insidetextanchor="middle",
                hovertemplate=label + "<extra></extra>",
            )
        )
    _plain(figure, height=48)
    figure.update_layout(barmode="stack", showlegend=False)
    figure.update_xaxes(range=[0, total])
    return figure


def significant(value: float, digits: int = 3) -> str:
    """A number to that many significant digits, without an exponent: 0.012, 1.23, 45.6, 789, 12300."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - int(f"{rounded:e}".partition("e")[2]))
    return f"{rounded:.{decimals}f}"


def percent(share: float) -> str:
    """A share of 1 as a percentage: 'under 0.1 %', 0.4 %, 12.3 %, 'over 99.9 %'."""
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    return f"{share * 100:.1f} %"


def _bars(names: list[str], shares: list[float], colors: list[str], hover: str) -> Figure:
    from plotly.graph_objects import Bar, Figure

    figure = Figure(
        Bar(
            x=shares,
            y=list(range(len(names))),  # not the names: two classes of ImageNet are called "crane"
            customdata=names,
            orientation="h",
            marker_color=colors,
            text=[percent(share) for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=hover + "<extra></extra>",
        )
    )
    _plain(figure, height=_BAR_PIXELS * max(len(names), 1) + 16)
    # Room to the right of the longest bar for the percentage.
    figure.update_xaxes(range=[0, max([*shares, 0.001]) * 1.25])
    figure.update_yaxes(
        autorange="reversed",
        automargin=True,
        showticklabels=True,
        tickvals=list(range(len(names))),
        ticktext=[f"{name}  " for name in names],
    )
    return figure


def _plain(figure: Figure, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        bargap=0.25,
    )
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(title=None, showticklabels=False, showgrid=False, fixedrange=True)


def _translucent(color: str, opacity: float) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
