"""The first layer's kernels while they are learnt."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.training.live import LiveTraining, Snapshot
from cvdemo.ui.lab import pictures
from cvdemo.viz.palette import class_color

_COLUMNS, _PIXELS, _GAP = 16, 8, 4
_NEGATIVE, _POSITIVE = class_color(4), class_color(3)


def panel(run: LiveTraining, now: Snapshot) -> None:
    """The kernels as they are now; after the training, as they were at any moment."""
    frames = run.film.frames
    if not frames:
        return
    st.markdown("**First layer**")
    at = len(frames) - 1
    if not now.active and len(frames) > 1:
        at = st.slider(
            "Moment of the training",
            0,
            len(frames) - 1,
            value=len(frames) - 1,
            key="lab-film",
            format="%d",
            help="From the random start to the end",
        )
    done, kernels = frames[at]
    when = "at the random start" if done == 0 else f"after {done:.1f} epochs"
    drawn = picture(kernels)
    tile = {
        "key": "film",
        "src": pictures.png_url(drawn),
        "alt": f"{len(kernels)} kernels of the first convolution {when}",
        "caption": f"{len(kernels)} kernels {when}: orange adds, blue subtracts",
    }
    height, width = drawn.shape[:2]
    pictures.tiles("lab-filters", "First layer", [tile], size="min(100%, 40rem)", aspect=f"{width} / {height}")


def picture(kernels: NDArray[np.floating]) -> NDArray[np.uint8]:
    """(n, k, k) weights -> (H, W, 3) uint8 RGB: orange above zero, blue below, white at zero; one scale for all."""
    values = kernels.astype(np.float32)
    values = values / max(float(np.abs(values).max()), 1e-6)
    strength = np.abs(values)[..., None] ** 0.8
    ink = np.where(values[..., None] >= 0, np.array(_POSITIVE, np.float32), np.array(_NEGATIVE, np.float32))
    tiles = (255 * (1 - strength) + ink * strength).astype(np.uint8)
    tiles = tiles.repeat(_PIXELS, axis=1).repeat(_PIXELS, axis=2)
    count, side = tiles.shape[:2]
    rows = -(-count // _COLUMNS)
    sheet = np.zeros((rows * _COLUMNS, side + _GAP, side + _GAP, 3), np.uint8)
    sheet[:count, :side, :side] = tiles
    grid = sheet.reshape(rows, _COLUMNS, side + _GAP, side + _GAP, 3).swapaxes(1, 2)
    return np.ascontiguousarray(grid.reshape(rows * (side + _GAP), _COLUMNS * (side + _GAP), 3))
