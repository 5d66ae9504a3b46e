"""Masks as small pictures for the panels, kept by picture and network."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image as PilImage

from cvdemo import tasks
from cvdemo.labels import foreground
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, Segmentation
from cvdemo.ui.components import component
from cvdemo.ui.view_data import jpeg_url
from cvdemo.viz import class_hex

#: Longest side of the pictures in a panel.
SIDE = 900
#: Masks in a panel cover more than on the page's own picture: they are what is compared.
_OPACITY = 0.7


def small(image: Image, side: int = SIDE) -> NDArray[np.uint8]:
    """(h, w, 3) uint8: the picture not larger than a panel shows it."""
    picture = PilImage.fromarray(image.pixels)
    picture.thumbnail((side, side), PilImage.Resampling.BILINEAR)
    return np.array(picture)


def fitted(class_map: NDArray[Any], like: NDArray[np.uint8]) -> NDArray[Any]:
    """(H, W) classes or flags at the size of a small picture: nearest neighbour."""
    height, width = like.shape[:2]
    rows = (np.arange(height) * class_map.shape[0] // height)[:, None]
    return class_map[rows, np.arange(width) * class_map.shape[1] // width]


def shrunk(result: Segmentation, like: NDArray[np.uint8]) -> Segmentation:
    """The same segmentation for a small picture."""
    return Segmentation(np.ascontiguousarray(fitted(result.class_map, like)), result.probs, like.shape[:2])


def mask_url(spec: ModelSpec, image: Image, result: Segmentation, side: int = SIDE) -> str:
    """The mask over the picture as a data URL."""
    from cvdemo.viz import draw_masks

    pixels = small(image, side)
    shown = foreground(spec.class_names)
    return jpeg_url(draw_masks(pixels, shrunk(result, pixels), opacity=_OPACITY, class_ids=shown), side)


@st.cache_data(max_entries=24, show_spinner=False)
def answer_url(spec: ModelSpec, sha256: str, _image: Image, side: int = SIDE) -> str:
    """A network's own answer over the picture."""
    return mask_url(spec, _image, tasks.run(spec, _image).result, side)


def legend(spec: ModelSpec, *results: Segmentation, least: float = 0.005) -> list[dict[str, str]]:
    """Painted classes that cover enough in one of the results, the largest first, with their colours."""
    shares, painted = np.max([result.shares() for result in results], axis=0), foreground(spec.class_names)
    order = [int(i) for i in np.argsort(-shares, kind="stable") if shares[i] >= least and i in painted]
    return [{"name": spec.class_names[i], "color": class_hex(i)} for i in order]


def checkered(size_hw: tuple[int, int], side: int = 12) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: the pattern that stands for nothing."""
    rows, columns = (np.arange(length) // side for length in size_hw)
    light = (rows[:, None] + columns) % 2 == 0
    return np.repeat(np.where(light, np.uint8(222), np.uint8(178))[..., None], 3, axis=2)


def picture(key: str, pixels: NDArray[np.uint8], caption: str) -> None:
    """One picture with a caption, not higher than a window."""
    component("side_by_side")(
        key=key,
        data={
            "pictures": [{"src": jpeg_url(pixels, SIDE), "title": "", "caption": caption}],
            "most": widest(pixels),
        },
    )


def widest(pixels: NDArray[np.uint8], count: int = 1) -> str:
    """How wide so many pictures beside each other may be, so that a window shows them whole; a CSS length."""
    return f"{max(12, count * 32 * pixels.shape[1] / pixels.shape[0] + count - 1):.1f}rem"
