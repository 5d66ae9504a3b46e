"""Cut-outs: a class or a person on nothing, made unrecognisable, or before something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo import tasks
from cvdemo.errors import CvdemoError
from cvdemo.imaging import load_image
from cvdemo.registry import ModelSpec
from cvdemo.tasks import cutout
from cvdemo.tasks.cutout import Pixels
from cvdemo.types import Image, Segmentation
from cvdemo.ui import words
from cvdemo.ui.downloads import file_stem
from cvdemo.ui.notices import notice
from cvdemo.ui.segment import drawing

_PERSON = "person"
_ACTIONS = {"cut": "Cut out", "pixelate": "Pixelate", "blur": "Blur", "background": "New background"}
_BACKGROUNDS = {"colour": "Colour", "blur": "Out of focus", "picture": "Another picture"}
#: A class that covers less is not offered.
_LEAST = 0.0005
_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "gif", "heic", "heif", "avif"]
Make = Callable[[Pixels, NDArray[np.float32]], Pixels]


@dataclass(frozen=True, slots=True)
class Wanted:
    """name: for the file. make: (pixels, opacity) -> the new picture, of any size; None while something is missing."""

    name: str
    make: Make | None


def panel(spec: ModelSpec, image: Image, result: Segmentation) -> None:
    """Draw the panel: what, what with it, and how it will look. Full size is made when its button is pressed."""
    choices = offered(spec, result)
    controls, preview = st.columns([2, 3], gap="large")
    with controls:
        picked = _what(spec, choices, image)
        wanted = _how(spec)
        ids = sorted({i for name in picked for i in choices[name]})
        if not ids:
            notice("Choose at least one class of the picture.")
        elif wanted.make is not None:
            _download(spec, image, ids, wanted, picked)
    if ids:
        with preview:
            _preview(image, result, ids, wanted)


def offered(spec: ModelSpec, result: Segmentation) -> dict[str, tuple[int, ...]]:
    """Name -> class ids of what is in the picture: the person first where there is one, then the largest class."""
    shares = result.shares()
    people = cutout.person_classes(spec.class_names)
    found = {_PERSON: people} if people and shares[list(people)].sum() >= _LEAST else {}
    for i in np.argsort(-shares, kind="stable"):
        if shares[i] >= _LEAST:
            found.setdefault(spec.class_names[i], (int(i),))
    return found


def _what(spec: ModelSpec, choices: dict[str, tuple[int, ...]], image: Image) -> list[str]:
    """The chosen names; they belong to one picture, for the next has other classes."""
    people = cutout.person_classes(spec.class_names)
    means = "everything that people are and wear" if len(people) > 2 else "walking or cycling"
    return st.pills(
        "What",
        list(choices),
        selection_mode="multi",
        wrap=True,
        default=next(iter(choices), None),
        key=f"cutout-what-{spec.labels}-{image.sha256[:12]}",
        help=f"A person is {means}." if people else None,
    )


def _how(spec: ModelSpec) -> Wanted:
    action = st.segmented_control(
        "What with it", list(_ACTIONS), default="cut", format_func=_ACTIONS.__getitem__, key="cutout-how",
        persist_state="session", required=True,
    )  # fmt: skip
    if action == "pixelate":
        return Wanted("pixelated", _hiding("pixelate"))
    if action == "blur":
        return Wanted("blurred", _hiding("blur"))
    if action == "background":
        return _background()
    return Wanted("cutout", cutout.cut_out)


def _hiding(how: cutout.Hiding) -> Make:
    strength = st.slider(
        "Strength", 1.0, 10.0, 3.0, 0.5, format="%.1f %%", key=f"cutout-strength-{how}", persist_state="session",
        help="Side of a square, or width of the blur, as a share of the picture's longer side.",
    )  # fmt: skip
    st.caption("A little more than the class is covered. Look at the whole picture before you publish it.")
    return lambda pixels, alpha: cutout.hide(pixels, alpha, how, strength / 100)


def _background() -> Wanted:
    kind = st.segmented_control(
        "Background", list(_BACKGROUNDS), default="colour", format_func=_BACKGROUNDS.__getitem__,
        key="cutout-background", persist_state="session", required=True,
    )  # fmt: skip
    if kind == "blur":
        return Wanted("focus", lambda pixels, alpha: cutout.on_background(pixels, alpha, cutout.blurred(pixels)))
    if kind == "picture":
        file = st.file_uploader("Background picture", type=_TYPES, key="cutout-picture")
        if file is None:
            return Wanted("background", None)
        try:
            behind = load_image(file.getvalue(), file.name).pixels
        except CvdemoError as error:
            notice(str(error))
            return Wanted("background", None)
        return Wanted("background", lambda pixels, alpha: cutout.on_background(pixels, alpha, behind))
    colour = st.color_picker("Colour", "#2a9d8f", key="cutout-colour", persist_state="session")
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return Wanted("background", lambda pixels, alpha: cutout.on_background(pixels, alpha, (red, green, blue)))


def _download(spec: ModelSpec, image: Image, ids: list[int], wanted: Wanted, picked: list[str]) -> None:
    from cvdemo.viz.encode import png

    def file() -> bytes:
        result = tasks.run(spec, image).result
        assert wanted.make is not None
        return png(wanted.make(image.pixels, cutout.opacity(result, ids, image.pixels)), compression=3)

    height, width = image.size_hw
    st.download_button(
        "Download PNG",
        data=file,
        file_name=f"{file_stem(image.name)}-{file_stem('-'.join(picked) + '.x')}-{wanted.name}.png",
        mime="image/png",
        key="cutout-download",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
    st.caption(f"{width} × {height} pixels, made when you press the button.")


def _preview(image: Image, result: Segmentation, ids: list[int], wanted: Wanted) -> None:
    pixels = drawing.small(image)
    alpha = cutout.opacity(drawing.shrunk(result, pixels), ids, pixels)
    if wanted.make is None:
        made = cutout.on_background(pixels, alpha, drawing.checkered(pixels.shape[:2]))
    else:
        made = wanted.make(pixels, alpha)
    if made.shape[2] == 4:
        made = cutout.on_background(pixels, alpha, drawing.checkered(pixels.shape[:2]))
    share = words.percent(float(alpha.mean()))
    drawing.picture("cutout-preview", made, f"Preview; {share} of the picture is chosen.")
