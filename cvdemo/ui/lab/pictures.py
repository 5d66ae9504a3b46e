"""Garments as data URLs for the browser parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.fashion_samples import fashion_samples
from cvdemo.imaging import image_from_pixels
from cvdemo.labels import FASHION
from cvdemo.models.garment import prepare_garment
from cvdemo.types import Image
from cvdemo.ui import words
from cvdemo.ui.components import component
from cvdemo.ui.view_data import jpeg_url, png_url

#: Pictures in a row of the sprite that the map shows on hover.
SPRITE_COLUMNS = 40


@st.cache_data(max_entries=1200, show_spinner=False)
def sample_url(index: int) -> str:
    """A shipped test image."""
    return png_url(fashion_samples().images[index])


def sample_image(index: int) -> Image:
    """A shipped test image as the networks' input."""
    samples = fashion_samples()
    return image_from_pixels(samples.images[index], f"test image {samples.test_index[index]}")


@st.cache_data(show_spinner=False)
def sprite_url() -> str:
    """All shipped test images in one picture, row by row."""
    images = fashion_samples().images
    rows = len(images) // SPRITE_COLUMNS
    grid = images.reshape(rows, SPRITE_COLUMNS, 28, 28).swapaxes(1, 2).reshape(rows * 28, SPRITE_COLUMNS * 28)
    return jpeg_url(np.repeat(grid[..., None], 3, axis=2), side=max(grid.shape), quality=72)


def told(true: int, said: int, confidence: float) -> str:
    """What a network made of a test image: "coat, named right, 93 %"."""
    verdict = "named right" if true == said else f"taken for {FASHION[said]}"
    return f"{FASHION[true]}, {verdict}, {words.percent(confidence)}"


def tiles(key: str, label: str, shown: list[dict[str, Any]], size: str = "3.4rem", aspect: str = "1") -> None:
    """Small pictures to look at. shown: key, src, alt and perhaps title and caption of each."""
    data = {"label": label, "tiles": shown, "size": size, "aspect": aspect, "pick": False}
    component("tiles")(key=key, data=data)


def choice(
    key: str, label: str, shown: list[dict[str, Any]], current: str | None, size: str = "3.4rem", **react: Any
) -> str | None:
    """Small pictures to choose one of. Returns the key of the one that was clicked just now."""
    state = component("tiles")(
        key=key,
        data={"label": label, "tiles": shown, "current": current, "size": size, "pick": True},
        on_picked_change=react.get("on_pick") or (lambda: None),
    )
    return state.picked if isinstance(state.picked, str) else None


@st.cache_data(max_entries=24, show_spinner=False)
def step_tiles(sha256: str, _image: Image) -> list[dict[str, str]]:
    """What was done to a picture until the network could see it, step by step."""
    steps = prepare_garment(_image)
    light = "Inverted: light on black" if steps.inverted else "Light on black already"
    captions = ["In grey", "Told from the background", light, "Cut out", "28 × 28, as the network sees it"]
    pictures = [pixels for _, pixels in steps.pictures()]
    return [
        {"key": str(i), "src": png_url(_small(pixels)), "alt": caption, "caption": f"{i}. {caption}"}
        for i, (pixels, caption) in enumerate(zip(pictures, captions, strict=True), 1)
    ]


def _small(pixels: NDArray[np.uint8], side: int = 140) -> NDArray[np.uint8]:
    """Not more pixels than the tile shows."""
    step = max(1, max(pixels.shape) // side)
    return np.ascontiguousarray(pixels[::step, ::step])
