"""Inside the decoder: what its stages make of what the skips bring, and the mask when a skip falls silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.inspect import decoder
from cvdemo.inspect.views import Colours
from cvdemo.registry import ModelSpec
from cvdemo.types import Image, Segmentation
from cvdemo.ui import words
from cvdemo.ui.caching import display_url
from cvdemo.ui.components import component
from cvdemo.ui.segment import drawing
from cvdemo.ui.view_data import jpeg_url, png_url

_SIDE = 700
_TILE = 320
#: Maps up to this side are sent without loss: their cells are seen one by one.
_CELLS = 64
_FILM = "unet-walk-film"


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """The pass with all skips. strides: of the skips, coarsest first. encoder, decoder: stride -> colours there."""

    strides: tuple[int, ...]
    result: Segmentation
    encoder: dict[int, Colours]
    decoder: dict[int, Colours]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One pass as pictures. changed: share of pixels with another class than usual. encoder, decoder: stride -> data
    URL and size of the map there."""

    mask: str
    changed: float
    encoder: dict[int, tuple[str, str]]
    decoder: dict[int, tuple[str, str]]


def panel(spec: ModelSpec, image: Image, result: Segmentation) -> None:
    """Draw the panel; each set of silent skips costs one forward pass, once."""
    if spec.family != "unet":
        st.markdown("This network has no decoder with skip connections. Choose a **U-Net** above to walk through one.")
        return
    st.caption(
        "The encoder goes down on the left: fewer cells, more meaning. The decoder comes back up on the right, and at "
        "each size a skip hands it the encoder's fine map. Switch a skip off and see what the mask loses. Colours are "
        "each map's three principal components: cells of one colour answer alike."
    )
    with st.spinner("Following the picture through the decoder", show_time=False):
        usual = _usual(spec, image.sha256, image)
        off = _off(f"{spec.name}:{image.sha256}", usual.strides)
        drawn = _drawn(spec, image.sha256, off, image, usual)
    component("unet_walk")(
        key="unet-walk", data=walk_data(spec, image, usual, off, drawn), on_asked_change=lambda: None
    )
    _film(spec, image, usual)


def walk_data(spec: ModelSpec, image: Image, usual: Usual, off: tuple[int, ...], drawn: Drawn) -> dict[str, Any]:
    """What the component is told: rows from the finest stride down, the coarsest map last."""
    fine = {"src": display_url(image.sha256, image, _TILE), "text": "Your picture, as the network is shown it"}
    rows = [
        {
            "stride": stride,
            "encoder": fine if stride == 1 else _cell(drawn.encoder[stride], "Encoder", stride),
            "decoder": _cell(drawn.decoder[stride], "Decoder", stride) if stride in drawn.decoder else None,
            "skip": stride in usual.strides,
        }
        for stride in (1, *reversed(usual.strides))
    ]
    bottom = max(drawn.encoder)
    return {
        "key": f"{spec.name}:{image.sha256}",
        "rows": rows,
        "bottom": _cell(drawn.encoder[bottom], "The coarsest map", bottom),
        "off": list(off),
        "ratio": image.size_hw[1] / image.size_hw[0],
        "mask": {"src": drawn.mask, "alt": f"The mask, {words.percent(drawn.changed)} of it changed"},
        "said": _said(off, drawn.changed, len(off) == len(usual.strides)),
        "legend": drawing.legend(spec, usual.result),
    }


def _said(off: tuple[int, ...], changed: float, alone: bool) -> list[str]:
    """Headline and caption. alone: whether no skip is left."""
    if not off:
        return ["The usual mask", "All skips carry what the encoder saw. Click one to silence it."]
    names = [str(stride) for stride in sorted(off)]
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    skips = "any skip" if alone else f"the skip{'s' if len(names) > 1 else ''} at stride {listed}"
    return [f"{words.percent(changed)} of the pixels changed", f"Without {skips}."]


def _cell(made: tuple[str, str], name: str, stride: int) -> dict[str, str]:
    src, size = made
    return {"src": src, "text": f"{name}, stride {stride}", "size": size}


def _off(key: str, strides: tuple[int, ...]) -> tuple[int, ...]:
    """What the browser asked for, of this picture and network."""
    state = st.session_state.get("unet-walk")
    told = (state.get("asked") if state else None) or {}
    asked = told.get("off") if told.get("key") == key else None
    return tuple(stride for stride in strides if isinstance(asked, list) and stride in asked)


@st.cache_data(max_entries=4, show_spinner=False)
def _usual(spec: ModelSpec, sha256: str, _image: Image) -> Usual:
    strides = tuple(skip.stride for skip in decoder.skips_of(engine().module(spec)))
    found = decoder.look(spec, _image)
    encoder, own = ({s: Colours.of(m) for s, m in maps.items()} for maps in (found.encoder, found.decoder))
    return Usual(strides, found.result, encoder, own)


@st.cache_data(max_entries=32, show_spinner=False)
def _drawn(spec: ModelSpec, sha256: str, off: tuple[int, ...], _image: Image, _usual: Usual) -> Drawn:
    found = decoder.look(spec, _image, off)
    return Drawn(
        mask=drawing.mask_url(spec, _image, found.result, _SIDE),
        changed=decoder.changed(found.result, _usual.result),
        encoder=_painted(found.encoder, _usual.encoder, off),
        decoder=_painted(found.decoder, _usual.decoder),
    )


def _painted(
    maps: dict[int, NDArray[np.float32]], colours: dict[int, Colours], silent: tuple[int, ...] = ()
) -> dict[int, tuple[str, str]]:
    """Maps as pictures in the colours of the usual pass, with their size in words."""
    made = {}
    for stride, values in maps.items():
        channels, height, width = values.shape
        pixels = colours[stride].paint(values)
        url = png_url(pixels) if max(height, width) <= _CELLS else jpeg_url(pixels, _TILE, 90)
        made[stride] = (url, f"{width}×{height}, {channels} ch")
    return made


def _film(spec: ModelSpec, image: Image, usual: Usual) -> None:
    """The mask from no skip to all of them, once it is asked for."""
    key = f"{spec.name}:{image.sha256}"
    if st.session_state.get(_FILM) != key:
        if not st.button("Add the skips one by one", icon=":material/play_arrow:", key="unet-walk-play"):
            return
        st.session_state[_FILM] = key
    offs = decoder.steps(usual.strides)
    bar = st.progress(0.0, "Adding the skips one by one")
    drawn = []
    for number, off in enumerate(offs):
        bar.progress(number / len(offs), f"{number} of {len(offs)} masks made")
        drawn.append(_drawn(spec, image.sha256, off, image, usual))
    bar.empty()
    tiles = [
        {
            "src": each.mask,
            "title": "No skip" if len(off) == len(usual.strides) else f"+ stride {usual.strides[number - 1]}",
            "caption": f"{words.percent(each.changed)} still to change" if off else "the usual mask",
        }
        for number, (off, each) in enumerate(zip(offs, drawn, strict=True))
    ]
    component("side_by_side")(key="unet-walk-film", data={"pictures": tiles, "least": "9rem"})
