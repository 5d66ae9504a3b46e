"""What the component that sets two layers side by side is told."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.inspect import compare
from cvdemo.inspect.views import clusters, components, summary
from cvdemo.ui.caching import display_url
from cvdemo.ui.explorer.choice import PAGE
from cvdemo.ui.explorer.focus import VIEWS, drawn, group_colours
from cvdemo.ui.explorer.kernels import signed_colours
from cvdemo.ui.explorer.layer_rows import shape
from cvdemo.ui.explorer.maps import png_data_url, tile_side
from cvdemo.ui.explorer.side import Pairing, Side, order_pairs, shared_cells
from cvdemo.ui.view_data import picture_data

_SIDE = 900
_CLIP = 0.005
_Maps = NDArray[np.float32]


def compare_data(first: Side, second: Side, pairs: Pairing, channel: int, order: str) -> dict[str, Any]:
    """channel: of the first side, the one that is chosen."""
    view, same = first.choice.view, pairs.shift is not None
    partner = int(pairs.partner[channel])
    shown = order_pairs(first, pairs, order)[:PAGE]
    pictures, difference = _views(first, second, pairs, channel)
    words = [_title(first, same), _title(second, same)]
    if view == "channel":
        words = [f"{text}, channel {number}" for text, number in zip(words, (channel, partner), strict=True)]
    sides = [
        {"title": text, "picture": _picture(side), "area": side.crop.area, "map": map_}
        for text, side, map_ in zip(words, (first, second), pictures, strict=True)
    ]
    return {
        "key": f"{first.key}:{second.key}",
        "view": view,
        "views": VIEWS,
        "sides": sides,
        "difference": difference,
        "facts": _facts(first, second, pairs, channel),
        "grid": _grids(first.key, second.key, shown, first, second, pairs)
        | {"chosen": channel, "count": len(pairs.partner)},
    }


def _views(
    first: Side, second: Side, pairs: Pairing, channel: int
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The two pictures, in colours that mean the same on both sides where the network is the same, and what the second
    answers more or less than the first."""
    view, same = first.choice.view, pairs.shift is not None
    a, b = first.maps(), second.maps()
    if view == "pca":
        rgb = compare.colours(a, b) if same else [components(each).rgb() for each in (a, b)]
        return [drawn(each) for each in rgb], None
    if view == "clusters":
        count = first.choice.groups
        labels = compare.groups(a, b, count) if same else [clusters(each, count) for each in (a, b)]
        return [drawn(group_colours()[each]) for each in labels], None
    partner = int(pairs.partner[channel])
    planes = [a[channel], b[partner]] if view == "channel" else [summary(each, view) for each in (a, b)]
    return _coloured(planes, same), _difference(first, second, planes) if same else None


def _coloured(planes: list[_Maps], same: bool) -> list[dict[str, Any]]:
    from cvdemo.viz.features import color_table

    ends = [np.quantile(each, [_CLIP, 1 - _CLIP]) for each in planes]
    if same:
        ends = [np.array([min(e[0] for e in ends), max(e[1] for e in ends)])] * 2
    table, found = color_table("viridis"), []
    for plane, (low, high) in zip(planes, ends, strict=True):
        span = high - low if high > low else 1.0
        levels = ((plane - low) / span * 255).clip(0, 255).round().astype(np.uint8)
        found.append(drawn(table[levels]) | {"low": float(low), "high": float(high)})
    return found


def _difference(first: Side, second: Side, planes: list[_Maps]) -> dict[str, Any] | None:
    """The second minus the first, on the cells that both pictures cover, laid over the first."""
    cells = shared_cells(first, second)
    if cells is None:
        return None
    parts = []
    for side, plane in zip((first, second), planes, strict=True):
        rows, columns = (
            slice(each.start - start, each.stop - start)
            for each, start in zip(cells, (side.crop.rows[0], side.crop.columns[0]), strict=True)
        )
        parts.append(plane[rows, columns])
    change = parts[1] - parts[0]
    (top, left), height, width = (cells[0].start, cells[1].start), *parts[0].shape
    x0, y0, x1, y1 = first.crop.area
    cell_w = (x1 - x0) / (first.crop.columns[1] - first.crop.columns[0])
    cell_h = (y1 - y0) / (first.crop.rows[1] - first.crop.rows[0])
    x, y = x0 + (left - first.crop.columns[0]) * cell_w, y0 + (top - first.crop.rows[0]) * cell_h
    return {
        "title": "Second minus first", "picture": _picture(first),
        "area": (x, y, x + width * cell_w, y + height * cell_h),
        "map": drawn(signed_colours(change[None])[0]) | {"top": float(np.abs(change).max())},
    }  # fmt: skip


@st.cache_data(max_entries=24, show_spinner=False)
def _grids(
    first_key: tuple[object, ...], second_key: tuple[object, ...], shown: tuple[int, ...], _first: Side, _second: Side,
    _pairs: Pairing,
) -> dict[str, Any]:  # fmt: skip
    """Those channels and their partners as two sprites with as many columns."""
    from cvdemo.viz.features import channel_bounds, sprite

    partners = tuple(int(i) for i in _pairs.partner[list(shown)])
    a, b = _first.maps()[list(shown)], _second.maps()[list(partners)]
    bounds = [channel_bounds(a), channel_bounds(b)]
    if _pairs.shift is not None:
        both = np.stack([np.minimum(*bounds)[:, 0], np.maximum(*bounds)[:, 1]], axis=1)
        bounds = [both, both]
    side = min(72, tile_side(len(shown)))
    left = sprite(a, tile_side=side, bounds=bounds[0])
    right = sprite(b, tile_side=side, bounds=bounds[1], columns=left.columns)
    return {
        "sprites": [
            {"src": png_data_url(each.png()), "width": each.indices.shape[1], "height": each.indices.shape[0],
             "tile": each.tile_hw, "gap": each.gap}
            for each in (left, right)
        ],
        "columns": left.columns,
        "channels": shown,
        "partners": partners,
        "correlations": [_or_none(each) for each in _pairs.correlation[list(shown)]],
        "shifts": None if _pairs.shift is None else [round(float(x), 2) for x in _pairs.shift[list(shown)]],
    }  # fmt: skip


def _facts(first: Side, second: Side, pairs: Pairing, channel: int) -> list[str]:
    """What the numbers say, in sentences."""
    r = _or_none(pairs.correlation[channel])
    if pairs.shift is None:
        if not pairs.places:
            return ["The two networks are shown different parts of the picture, so places cannot be compared."]
        alike = "cannot be told" if pairs.likeness is None or isnan(pairs.likeness) else f"{pairs.likeness:.2f}"
        found = [
            f"How alike the two layers arrange the places of the picture (unbiased linear CKA): {alike}; 1 is the same "
            "up to rotation and scale, 0 is nothing in common."
        ]
        if r is not None:
            found.append(
                f"Channel {channel} answers at the same places as channel {int(pairs.partner[channel])} of the other "
                f"network, more than as any other: correlation {r:.2f}."
            )
        return found
    a, b = (side.maps()[channel].mean() for side in (first, second))
    found = [
        f"Channel {channel} answers {a:.3g} on average to the first picture and {b:.3g} to the second, a change of "
        f"{pairs.shift[channel]:+.2f} deviations."
    ]
    if not pairs.places:
        found.append("The inputs made of the two pictures have different shapes, so places cannot be compared.")
    elif r is not None:
        found.append(f"Place by place, its two maps correlate by {r:.2f}.")
    return found


def _picture(side: Side) -> dict[str, Any]:
    image = side.look.image
    return picture_data(image, display_url(image.sha256, image, _SIDE))


def _title(side: Side, same: bool) -> str:
    return side.look.image.name if same else f"{side.look.spec.title}, {side.choice.layer} ({shape(side.node)})"


def _or_none(value: np.floating) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)
