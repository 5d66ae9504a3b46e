"""One channel, or the whole layer in one picture, with everything that is said about it."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.inspect.channels import exciting_cells
from cvdemo.inspect.crop import Crop
from cvdemo.inspect.layers import ReceptiveField
from cvdemo.inspect.views import clusters, components, summary
from cvdemo.types import Letterbox
from cvdemo.ui.caching import display_url
from cvdemo.ui.explorer.choice import GROUPS, Choice
from cvdemo.ui.explorer.kernels import kernels_data
from cvdemo.ui.explorer.layer_rows import field, shape
from cvdemo.ui.explorer.maps import Look, png_data_url
from cvdemo.ui.view_data import picture_data

_PICTURE_SIDE = 1100
_PEAKS = 6
_BINS = 40
_CLIP = 0.005
VIEWS = [
    ["channel", "Channel", "One channel of the layer, the one chosen among the tiles"],
    ["mean", "Mean", "The average of all channels at every place"],
    ["max", "Max", "The strongest channel at every place"],
    ["norm", "Length", "The length (L2 norm) of the vector of all channels at every place"],
    [
        "pca",
        "Colours",
        "Three principal components as red, green and blue: places of one colour look alike to the layer",
    ],
    ["clusters", "Groups", "Places sorted into groups by what the layer says of them (k-means)"],
]


def focus_data(look: Look, choice: Choice, channel: int, bounds: tuple[float, float] | None) -> dict[str, Any]:
    """What the focus component is told. bounds: values at the two ends of the colours, None for the channel's own."""
    node = look.node(choice)
    maps, crop = look.maps(node, choice.item), look.crop(node, choice.item)
    picture = picture_data(look.image, display_url(look.image.sha256, look.image, _PICTURE_SIDE))
    told: dict[str, Any] = {
        "key": f"{look.spec.name}:{look.image.sha256}:{node.name}:{choice.item}",
        "picture": picture,
        "area": crop.area,
        "layer": node.name,
        "shape": shape(node),
        "channel": channel,
        "channels": len(maps),
        "view": choice.view,
        "views": VIEWS,
        "groups": choice.groups,
        "groupChoices": GROUPS,
        "colors": _colors(),
        "field": None,
    }
    if node.field is not None:
        told["field"] = field_data(node.field, crop, look.letterboxes[choice.item]) | {"words": field(node)}
    if choice.view == "channel":
        return (
            told | channel_data(maps[channel], bounds) | {"kernels": kernels_data(look.spec, look.tree, node, channel)}
        )
    return told | _whole(maps, choice)


def field_data(seen: ReceptiveField, crop: Crop, box: Letterbox) -> dict[str, Any]:
    """What the cells on the picture see, in picture pixels: a row's [top, bottom) and a column's [left, right)."""
    (scale_x, scale_y), (pad_x, pad_y) = box.scale_xy, box.pad_xy
    rows = (seen.rows[slice(*crop.rows)] - pad_y) / scale_y
    columns = (seen.columns[slice(*crop.columns)] - pad_x) / scale_x
    return {
        "rows": rows.round(1).tolist(), "columns": columns.round(1).tolist(),
        "whole": seen.whole_picture, "gated": seen.gated,
    }  # fmt: skip


def plane_data(values: NDArray[np.float32], bounds: tuple[float, float] | None = None) -> dict[str, Any]:
    """(h, w) values for the browser: 16-bit steps between the lowest and the highest, and the ends of the colours."""
    low, high = float(values.min()), float(values.max())
    span = high - low
    steps = ((values - low) * (65535 / span) if span > 0 else np.zeros_like(values)).round().astype("<u2")
    start, end = bounds or (float(x) for x in np.quantile(values, [_CLIP, 1 - _CLIP]))
    if end <= start:
        start, end = low, high
    return {
        "height": values.shape[0], "width": values.shape[1], "low": low, "high": high, "start": start, "end": end,
        "steps": base64.b64encode(steps.tobytes()).decode(),
    }  # fmt: skip


def channel_data(values: NDArray[np.float32], bounds: tuple[float, float] | None) -> dict[str, Any]:
    """One channel (h, w) for the browser: its plane, histogram, peaks and figures."""
    # In float32 the bins of an almost silent channel would be narrower than the numbers are apart.
    counts, edges = np.histogram(values.astype(np.float64), bins=_BINS)
    peaks = exciting_cells(values, _PEAKS, apart=max(1, max(values.shape) // 12))
    return {
        "plane": plane_data(values, bounds),
        "histogram": {"counts": counts.tolist(), "low": float(edges[0]), "high": float(edges[-1])},
        "peaks": [asdict(peak) for peak in peaks if peak.value > values.min()],
        "stats": {
            "mean": float(values.mean()), "deviation": float(values.std()), "low": float(values.min()),
            "high": float(values.max()), "zero": float((values == 0).mean()),
        },
    }  # fmt: skip


def _whole(maps: NDArray[np.float32], choice: Choice) -> dict[str, Any]:
    if choice.view == "pca":
        found = components(maps)
        shares = ", ".join(f"{share:.0%}".replace("%", " %") for share in found.explained)
        return {"drawn": drawn(found.rgb()), "note": f"Red, green and blue carry {shares} of the variance."}
    if choice.view == "clusters":
        labels = clusters(maps, choice.groups)
        return {
            "drawn": drawn(group_colours()[labels]),
            "note": f"{int(labels.max()) + 1} groups, numbered from the weakest answer to the strongest.",
            "legend": [
                [str(i + 1), "#{:02x}{:02x}{:02x}".format(*group_colours()[i]), float((labels == i).mean())]
                for i in range(int(labels.max()) + 1)
            ],
        }
    assert choice.view in ("mean", "max", "norm")
    return {"plane": plane_data(summary(maps, choice.view)), "note": ""}


def drawn(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """(h, w, 3) cells as a picture for the browser."""
    from cvdemo.viz.encode import png

    return {"src": png_data_url(png(pixels)), "height": pixels.shape[0], "width": pixels.shape[1]}


def group_colours() -> NDArray[np.uint8]:
    """(n, 3): the colour of each group of cells."""
    from cvdemo.viz import class_color

    return np.array([class_color(i) for i in range(max(GROUPS))], np.uint8)


def _colors() -> str:
    from cvdemo.viz.features import color_table

    return color_table("viridis").tobytes().hex()
