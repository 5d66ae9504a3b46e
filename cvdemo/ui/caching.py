"""What is worth keeping between runs of a page, keyed by the picture's SHA-256 and bounded."""

from __future__ import annotations

import streamlit as st

from cvdemo.samples import load_sample
from cvdemo.types import Image
from cvdemo.ui.view_data import jpeg_url

THUMBNAIL_SIDE = 160


@st.cache_data(max_entries=24, show_spinner=False)
def display_url(sha256: str, _image: Image) -> str:
    """The picture at display size as a data URL."""
    return jpeg_url(_image.pixels)


@st.cache_data(max_entries=64, show_spinner=False)
def thumbnail_url(key: str, _image: Image | None) -> str:
    """A thumbnail as a data URL. key: a sample's name (no picture needed) or a SHA-256."""
    image = _image if _image is not None else load_sample(key)
    return jpeg_url(image.pixels, THUMBNAIL_SIDE, quality=80)
