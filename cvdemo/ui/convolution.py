"""The convolution page: the visitor's picture, a kernel, and every number in between."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image as PilImage

from cvdemo import fundamentals
from cvdemo.errors import UsageError
from cvdemo.fundamentals import SIZES, preset
from cvdemo.types import Image
from cvdemo.ui import address, sources, visits
from cvdemo.ui.components import component
from cvdemo.ui.convolution_settings import ADDRESS_NAMES, ConvolutionSettings, checked, from_address, to_address
from cvdemo.ui.view_data import png_url

#: Longest side of the picture that is worked on: small enough that a single kernel changes what one sees.
WORKING_SIDE = 256
_LIVELY_SIDE = 10
_SLOT, _SETTINGS, _AT = "convolution-lab", "convolution_settings", "convolution_at"
_TITLES = {
    "identity": ("Identity", "Every number stays what it is"),
    "blur": ("Blur", "The average of the neighbours"),
    "sharpen": ("Sharpen", "The number plus what it has more than its neighbours"),
    "horizontal": ("Horizontal edges", "Below minus above: answers where dark lies over light (Sobel)"),
    "vertical": ("Vertical edges", "Right minus left: answers where dark lies left of light (Sobel)"),
    "laplacian": ("All edges", "The neighbours minus the number itself, the Laplacian"),
    "emboss": ("Emboss", "Light from one corner, as on a relief"),
}


def show() -> None:
    """Draw the page."""
    st.title("Convolution by hand", anchor=False)
    st.caption(
        "A kernel is a small grid of weights. It slides over the picture, and at every place multiplies what lies "
        "under it and adds up. Change a weight, drag the frame, point at a number."
    )
    _lab(sources.picture())


@st.fragment
def _lab(image: Image) -> None:
    """The component with the whole pictures of every step; a change of settings runs only this part again."""
    pixels = _working(image.sha256, image)
    key = f"{visits.number()}:{image.sha256}"
    settings = _settings(key, image, pixels)
    problem = settings.problem()
    shown, obstacle = _steps(pixels, settings)
    st.session_state[_SETTINGS] = replace(settings, at=None)
    st.session_state[_AT] = (image.sha256, settings.at)
    address.write(to_address(settings))
    height, width = pixels.shape[:2]
    component("convolution_lab")(
        key=_SLOT,
        data={
            "key": key,
            "echo": _told().get("stamp", 0),
            "picture": {"src": png_url(pixels), "width": width, "height": height, "name": image.name},
            "initial": asdict(settings),
            "presets": [
                {"name": name, "title": title, "help": about, "cells": {side: preset(name, side) for side in SIZES}}
                for name, (title, about) in _TITLES.items()
            ],
            "steps": shown,
            "problem": problem or obstacle,
        },
        on_settings_change=lambda: None,
    )


def _told() -> dict[str, Any]:
    state = st.session_state.get(_SLOT)
    return (state.get("settings") if state else None) or {}


def _settings(key: str, image: Image, pixels: NDArray[np.uint8]) -> ConvolutionSettings:
    """The session's settings, with what the address or the browser asks for on top."""
    settings = st.session_state.get(_SETTINGS) or ConvolutionSettings()
    sha256, at = st.session_state.get(_AT, ("", None))
    settings = replace(settings, at=at if sha256 == image.sha256 else None)
    asked = {name: value for name in ADDRESS_NAMES if (value := address.take(name)) is not None}
    settings = from_address(settings, asked)
    told = _told()
    if told.get("key") == key:
        settings = checked(settings, told)
    if settings.at is None:
        grey = fundamentals.channel_plane(pixels, "grey")
        settings = replace(settings, at=fundamentals.liveliest_patch(grey, _LIVELY_SIDE))
    return settings


def _steps(pixels: NDArray[np.uint8], settings: ConvolutionSettings) -> tuple[dict[str, Any], str | None]:
    """The whole picture after each step, and one sentence where a step has nothing to work on."""
    plane = fundamentals.channel_plane(pixels, settings.channel)
    recipe, obstacle = settings.recipe(), None
    try:
        steps = fundamentals.run_steps(plane, recipe)
    except UsageError as error:
        obstacle = str(error)
        try:
            steps = fundamentals.run_steps(plane, replace(recipe, pool=0))
        except UsageError as first:
            return {}, str(first)
    return {
        name: {
            "src": png_url(step.grey()),
            "width": step.values.shape[1],
            "height": step.values.shape[0],
            "low": step.low,
            "high": step.high,
        }
        for name, step in steps.items()
    }, obstacle


@st.cache_data(max_entries=16, show_spinner=False)
def _working(sha256: str, _image: Image) -> NDArray[np.uint8]:
    """The picture at working size, (h, w, 3) uint8; smaller ones stay as they are."""
    picture = PilImage.fromarray(_image.pixels)
    picture.thumbnail((WORKING_SIDE, WORKING_SIDE), PilImage.Resampling.LANCZOS)
    return np.asarray(picture)
