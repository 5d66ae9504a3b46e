"""The classification page's garments: test images to browse, or a garment of one's own with its preparation."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo import tasks
from cvdemo.fashion_samples import CREDIT, fashion_samples
from cvdemo.imaging import image_from_pixels
from cvdemo.labels import FASHION
from cvdemo.registry import ModelSpec
from cvdemo.tasks import ClassifyParams
from cvdemo.types import Image
from cvdemo.ui import address, classify, downloads, inside, sources, template, timing, why_links
from cvdemo.ui.components import component
from cvdemo.ui.model_picker import chip
from cvdemo.ui.notices import explained, notice
from cvdemo.ui.result_view import ViewSettings
from cvdemo.ui.view_data import png_url

_COLUMNS = 10
_TEST, _OWN = "Test images", "Your picture"


def source_control() -> str:
    """Draw the choice between test images and an own picture."""
    return st.segmented_control(
        "Garment", [_TEST, _OWN], default=_TEST, key="garment-source", persist_state="session", required=True,
        label_visibility="collapsed",
    )  # fmt: skip


def page(spec: ModelSpec, chip_place: Any, source: str) -> None:
    """Choose a garment, see what the network takes it for, and look inside."""
    if source == _OWN:
        own(spec, sources.picture(), chip_place)
    else:
        browse(spec, chip_place)


def browse(spec: ModelSpec, chip_place: Any) -> None:
    """The test images that come with the package, a hundred of each kind."""
    kind = _kind()
    left, right = st.columns([1, 1], gap="large")
    with left:
        number = _tiles(kind)
        st.caption(f"A hundred of the 10,000 test images of each kind. {CREDIT}.")
    image = test_image(kind, number)
    with right, explained():
        shot = {"src": png_url(image.pixels), "caption": f"{image.name} of 10,000", "tiny": True}
        component("picture_steps")(key="garment-shot", data={"steps": [shot]})
        _answer(spec, image, chip_place, truth=FASHION[kind])
    with explained():
        inside.panel(spec, image)
        template.explanation(spec, image)


def own(spec: ModelSpec, image: Image, chip_place: Any) -> None:
    """A picture of one's own: every step of its preparation, then the answer."""
    from cvdemo.models.garment import prepare_garment

    with explained():
        steps = prepare_garment(image)
        left, right = st.columns([1, 1], gap="large")
        with left:
            st.subheader("From your picture to 28 × 28", anchor=False)
            shots = [{"src": png_url(_small(image.pixels)), "caption": "Your picture", "tiny": False}]
            shots += [
                {"src": png_url(_small(p)), "caption": text, "tiny": max(p.shape) < 60} for text, p in steps.pictures()
            ]
            component("picture_steps")(key="garment-steps", data={"steps": shots})
            if not steps.found:
                notice(
                    "Nothing stands out from the background here, so the answer means little. Take one garment on a "
                    "plain background."
                )
            st.caption("The network knows ten kinds of garment; whatever else it is shown gets one of their names too.")
        with right:
            _answer(spec, image, chip_place, truth=None)
        inside.panel(spec, image)
        template.explanation(spec, image)


def test_image(kind: int, number: int) -> Image:
    """One of the shipped test images as an Image of 28 x 28 pixels."""
    samples = fashion_samples()
    place = int(np.flatnonzero(samples.labels == kind)[number])
    return image_from_pixels(samples.images[place], f"{FASHION[kind]} {int(samples.test_index[place])}")


def _answer(spec: ModelSpec, image: Image, chip_place: Any, truth: str | None) -> None:
    timed = tasks.run(spec, image, ClassifyParams())
    chip(chip_place, spec, timed)
    verdict = ""
    if truth is not None:
        right = timed.result.top(1)[0][1] == truth
        verdict = ":material/check: That is right." if right else f":material/close: Wrong, it is labelled {truth}."
    top_k = classify.bars(spec, timed.result, classify.headline(timed.result), verdict)
    why_links.classes(spec, timed.result, image, strange=truth is not None)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        timing.bar(timed)
        downloads.menu(spec, image, ViewSettings(score=0), top_k)


def _kind() -> int:
    """The kind of garment that is browsed, also from the address."""
    if (asked := address.take("garment")) in FASHION:
        st.session_state["garment-kind"] = asked
    chosen = st.pills(
        "Kind", FASHION, default=None if "garment-kind" in st.session_state else FASHION[0], key="garment-kind",
        persist_state="session", required=True, label_visibility="collapsed",
    )  # fmt: skip
    address.write({"garment": chosen if chosen != FASHION[0] else None})
    return FASHION.index(chosen or FASHION[0])


def _tiles(kind: int) -> int:
    images = fashion_samples().images[fashion_samples().labels == kind]
    state = st.session_state.get("garment-tiles")
    told = (state.get("chosen") if state else None) or {}
    number = told.get("n", 0) if told.get("key") == kind else 0
    sheet = _sheet(images)
    component("tile_picker")(
        key="garment-tiles",
        data={
            "key": kind,
            "src": png_url(sheet),
            "width": sheet.shape[1],
            "height": sheet.shape[0],
            "columns": _COLUMNS,
            "count": len(images),
            "chosen": 0,
            "label": f"Test images of the kind {FASHION[kind]}",
        },
        on_chosen_change=lambda: None,
    )
    return number if isinstance(number, int) and 0 <= number < len(images) else 0


def _sheet(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, 28, 28) pictures in rows of _COLUMNS."""
    count, height, width = images.shape
    rows = -(-count // _COLUMNS)
    padded = np.zeros((rows * _COLUMNS, height, width), np.uint8)
    padded[:count] = images
    sheet = padded.reshape(rows, _COLUMNS, height, width).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(sheet.reshape(rows * height, _COLUMNS * width))


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """At most about 280 pixels a side: every so many-th pixel is enough for a thumbnail."""
    step = max(1, max(pixels.shape[:2]) // 280)
    return np.ascontiguousarray(pixels[::step, ::step])
