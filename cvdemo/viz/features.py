"""Feature maps made visible: all channels of a layer as tiles of one sprite, one channel on the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, floor, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cvdemo.imaging import unletterbox
from cvdemo.types import Image, Letterbox
from cvdemo.viz.encode import palette_png

Scale = Literal["channel", "common"]
Colormap = Literal["viridis", "magma"]

#: Palette entries of a sprite: 0..253 the colour map, then the grey of dead channels, then the see-through gap.
_LEVELS, _DEAD, _GAP = 254, 254, 255
#: Share of the values at either end that falls off the colours.
_CLIP = 0.005
_DEAD_GREY = (128, 128, 128)


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """All channels of a layer as tiles of one picture, row by row.

    indices: (H, W) uint8 into a palette of colours. channels: the channel number of each tile. dead: (tiles,)
    bool, True where the channel has one value all over. columns, tile_hw, gap: the layout, in pixels.
    low, high: (tiles,) float32, the values at the two ends of each tile's colours.
    """

    indices: NDArray[np.uint8]
    channels: tuple[int, ...]
    dead: NDArray[np.bool_]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    columns: int
    tile_hw: tuple[int, int]
    gap: int
    colormap: Colormap

    def corner(self, tile: int) -> tuple[int, int]:
        """x and y of a tile's top left corner."""
        row, column = divmod(tile, self.columns)
        return column * (self.tile_hw[1] + self.gap), row * (self.tile_hw[0] + self.gap)

    def channel_at(self, x: float, y: float) -> int | None:
        """The channel under a point of the sprite, None in a gap or outside."""
        column, inside_x = divmod(x, self.tile_hw[1] + self.gap)
        row, inside_y = divmod(y, self.tile_hw[0] + self.gap)
        tile = int(row) * self.columns + int(column)
        hit = inside_x < self.tile_hw[1] and inside_y < self.tile_hw[0] and 0 <= column < self.columns
        return self.channels[tile] if hit and 0 <= tile < len(self.channels) else None

    def png(self) -> bytes:
        """The sprite as a palette PNG; the gaps are transparent, so that it suits light and dark pages."""
        colors = np.concatenate([color_table(self.colormap, _LEVELS), [_DEAD_GREY, (0, 0, 0)]]).astype(np.uint8)
        return palette_png(self.indices, colors, transparent=_GAP)


def sprite(
    activations: NDArray[np.float32],
    *,
    scale: Scale = "channel",
    colormap: Colormap = "viridis",
    tile_side: int = 96,
    columns: int | None = None,
    gap: int = 3,
    channels: tuple[int, ...] | None = None,
    clip: float = _CLIP,
    bounds: NDArray[np.float32] | None = None,
) -> Sprite:
    """Tiles of a layer's channels.

    activations: (C, h, w) float32; values that are not finite count as 0. scale: the colours span each channel's
    own values, or those of all channels shown. tile_side: the longer side of a tile in pixels; whole cells
    are enlarged without smoothing, larger maps are averaged down. columns: about square when not given.
    channels: which ones, in which order; all when not given. clip: share of the values at either end that may
    fall off the colours, so that a few extremes do not leave the rest in one colour. bounds: (tiles, 2), the values
    at the two ends of each tile's colours instead, as channel_bounds gives them. Dead channels are grey with a
    diagonal line.
    """
    chosen = tuple(range(len(activations))) if channels is None else channels
    values = np.nan_to_num(activations[list(chosen)], nan=0.0, posinf=0.0, neginf=0.0)
    count, height, width = values.shape
    bounds = channel_bounds(values, clip) if bounds is None else bounds
    low, high = bounds[:, 0].copy(), bounds[:, 1].copy()
    dead = is_dead(values)
    if scale == "common" and count:
        low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
    tile_h, tile_w = _tile_size(height, width, tile_side)
    columns = columns or max(1, ceil(sqrt(count * tile_h / tile_w)))
    rows = ceil(count / columns)
    shape = max(rows * (tile_h + gap) - gap, 1), max(min(columns, count) * (tile_w + gap) - gap, 1)
    indices = np.full(shape, _GAP, np.uint8)
    result = Sprite(indices, chosen, dead, low, high, columns, (tile_h, tile_w), gap, colormap)
    for tile in range(count):
        x, y = result.corner(tile)
        target = indices[y : y + tile_h, x : x + tile_w]
        target[:] = (
            _dead_tile(tile_h, tile_w) if dead[tile] else _tile(values[tile], low[tile], high[tile], tile_h, tile_w)
        )
    indices.setflags(write=False)
    return result


def channel_bounds(activations: NDArray[np.float32], clip: float = _CLIP) -> NDArray[np.float32]:
    """(C, 2): for each channel of (C, h, w) the values between which all but a share of clip at either end lie."""
    return np.array([_limits(channel, clip) for channel in activations], np.float32).reshape(len(activations), 2)


def is_dead(activations: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(C,) bool: True for channels of (C, h, w) whose values are all the same, as of a ReLU that never fires.

    A map of a single cell is dead only when it is exactly 0: it cannot vary.
    """
    if activations.shape[1] * activations.shape[2] == 1:
        return activations[:, 0, 0] == 0
    return np.asarray(np.ptp(activations, axis=(1, 2)) <= 1e-6 * np.abs(activations).max(axis=(1, 2)))


def crop_to_picture(activations: NDArray[np.float32], letterbox: Letterbox) -> NDArray[np.float32]:
    """The cells of (C, h, w) maps that the picture touches, without those that saw only padding; a view."""
    height, width = activations.shape[1:]
    (x0, y0), (x1, y1) = letterbox.to_input(np.array([(0, 0), letterbox.size_hw[::-1]], np.float32))
    per_x, per_y = width / letterbox.input_hw[1], height / letterbox.input_hw[0]
    left, right = _cells(x0 * per_x, x1 * per_x, width)
    top, bottom = _cells(y0 * per_y, y1 * per_y, height)
    return activations[:, top:bottom, left:right]


def _cells(start: float, end: float, count: int) -> tuple[int, int]:
    """First and last + 1 of the cells that an interval covers by more than a rounding error; at least one."""
    first = min(max(floor(start + 1e-3), 0), count - 1)
    return first, max(min(ceil(end - 1e-3), count), first + 1)


def by_activity(activations: NDArray[np.float32]) -> tuple[int, ...]:
    """Channel numbers of (C, h, w), the one whose values vary most (standard deviation) first."""
    return tuple(int(i) for i in np.argsort(-activations.std(axis=(1, 2)), kind="stable"))


def draw_map(
    image: Image,
    values: NDArray[np.float32],
    letterbox: Letterbox | None = None,
    *,
    opacity: float = 0.6,
    colormap: Colormap = "magma",
    limits: tuple[float, float] | None = None,
    interpolation: Literal["nearest", "bilinear"] = "bilinear",
) -> NDArray[np.uint8]:
    """One channel, or any heat map, on the picture it was computed from.

    values: (h, w) float32 covering the network's whole input. letterbox: how the picture lies in that input; a
    plain resize when not given. limits: values at the two ends of the colours, by default those between which
    all but the lowest and highest half percent of the cells on the picture lie.
    interpolation: nearest shows the cells. The picture loses its own colours as opacity grows, so that those of
    the map can be read, and is grey where the network was not shown it. Returns a copy, (H, W, 3) uint8 RGB.
    """
    import cv2

    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32, copy=False)
    laid_in = letterbox or _plain(image.size_hw, finite.shape[:2])
    low, high = limits or _limits(crop_to_picture(finite[None], laid_in), _CLIP)
    levels = _levels(unletterbox(finite, laid_in, interpolation=interpolation), low, high, 256)
    rows, columns = _covered(laid_in)
    heat = cv2.applyColorMap(levels, color_table(colormap, 256).reshape(256, 1, 3))
    grey = cv2.cvtColor(cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    muted = cv2.addWeighted(image.pixels, 1 - opacity, grey, opacity, 0)
    drawn = np.asarray(cv2.addWeighted(muted, 1 - opacity, heat, opacity, 0), np.uint8)
    if (rows, columns) == (slice(0, image.size_hw[0]), slice(0, image.size_hw[1])):
        return drawn
    whole = np.asarray(muted, np.uint8).copy()
    whole[rows, columns] = drawn[rows, columns]
    return whole


def _covered(box: Letterbox) -> tuple[slice, slice]:
    """Rows and columns of the picture that the network was shown; of the rest a map says nothing."""
    ends = box.to_image(np.array([(0, 0), box.input_hw[::-1]], np.float32))
    (x0, y0), (x1, y1) = np.rint(ends).astype(int).tolist()
    height, width = box.size_hw
    rows = slice(min(max(y0, 0), height), min(max(y1, 0), height))
    return rows, slice(min(max(x0, 0), width), min(max(x1, 0), width))


@cache
def color_table(name: Colormap, levels: int = 256) -> NDArray[np.uint8]:
    """(levels, 3) uint8 RGB from low to high: the perceptually uniform maps of matplotlib, as OpenCV has them."""
    import cv2

    code = {"viridis": cv2.COLORMAP_VIRIDIS, "magma": cv2.COLORMAP_MAGMA}[name]
    steps = np.linspace(0, 255, levels).round().astype(np.uint8)
    table = np.asarray(cv2.applyColorMap(steps[:, None], code)[:, 0, ::-1], np.uint8).copy()
    table.setflags(write=False)
    return table


def _limits(values: NDArray[np.float32], clip: float) -> tuple[float, float]:
    """The values between which all but a share of clip at either end lie; all of them for a few sparks on nothing."""
    low, high = np.quantile(values, [clip, 1 - clip])
    return (float(low), float(high)) if high > low else (float(values.min()), float(values.max()))


def _plain(size_hw: tuple[int, int], input_hw: tuple[int, int]) -> Letterbox:
    return Letterbox(size_hw, input_hw, (input_hw[1] / size_hw[1], input_hw[0] / size_hw[0]), (0.0, 0.0))


def _levels(values: NDArray[np.float32], low: float, high: float, levels: int) -> NDArray[np.uint8]:
    """Values low..high as 0..levels - 1; all 0 when there is no span."""
    span = high - low
    scaled = (values - np.float32(low)) * np.float32((levels - 1) / span if span > 0 else 0)
    return (scaled + np.float32(0.5)).clip(0, levels - 1).astype(np.uint8)


def _tile_size(height: int, width: int, side: int) -> tuple[int, int]:
    """The map enlarged by a whole number, or scaled down, so that its longer side is at most side."""
    longest = max(height, width)
    if longest <= side:
        return height * (side // longest), width * (side // longest)
    return max(1, round(height * side / longest)), max(1, round(width * side / longest))


def _tile(values: NDArray[np.float32], low: float, high: float, height: int, width: int) -> NDArray[np.uint8]:
    import cv2

    shrinks = values.shape[0] > height or values.shape[1] > width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_NEAREST
    return _levels(
        np.asarray(cv2.resize(values, (width, height), interpolation=method), np.float32), low, high, _LEVELS
    )


def _dead_tile(height: int, width: int) -> NDArray[np.uint8]:
    """Grey, crossed by a gap from corner to corner."""
    y, x = np.mgrid[:height, :width]
    off_diagonal = np.abs((x + 0.5) / width - (y + 0.5) / height) * min(height, width)
    return np.where(off_diagonal < max(0.75, min(height, width) / 40), _GAP, _DEAD).astype(np.uint8)
