"""The layer as files, made when their button is pressed."""

from __future__ import annotations

import io

import numpy as np
import streamlit as st

from cvdemo.inspect.channels import channel_order
from cvdemo.inspect.recording import Precision
from cvdemo.ui.downloads import file_stem
from cvdemo.ui.explorer.choice import Choice
from cvdemo.ui.explorer.maps import Look, tile_side


def menu(look: Look, choice: Choice, channel: int) -> None:
    """A popover with one button a file."""
    stem = f"{file_stem(look.image.name)}-{look.spec.name}-{file_stem(choice.layer + '.x')}"
    files = [
        ("Layer (NPZ, float16)", f"{stem}-f16.npz", "application/octet-stream", lambda: npz(look, choice, "float16")),
        ("Layer (NPZ, float32)", f"{stem}-f32.npz", "application/octet-stream", lambda: npz(look, choice, "float32")),
        ("All channels (PNG)", f"{stem}-channels.png", "image/png", lambda: grid_png(look, choice)),
        (f"Channel {channel} on the picture (PNG)", f"{stem}-{channel}.png", "image/png",
         lambda: channel_png(look, choice, channel)),
    ]  # fmt: skip
    with st.popover("Download", icon=":material/download:", key="download-inside"):
        for number, (label, name, mime, make) in enumerate(files):
            st.download_button(
                label, make, name, mime, key=f"download-inside-{number}", on_click="ignore", type="tertiary"
            )
        st.caption("The link in the address bar restores this view; the picture too, if it is a sample.")


def npz(look: Look, choice: Choice, precision: Precision) -> bytes:
    """maps: (C, h, w) in that precision, of the network's whole input; rows and columns: the cells on the picture;
    area: left, top, right, bottom of those cells in picture pixels; model, layer and the picture's SHA-256."""
    node = look.node(choice)
    crop = look.crop(node, choice.item)
    maps = look.whole_maps(node, choice.item, exact=precision == "float32")
    if precision == "float16":
        maps = maps.clip(-65504, 65504).astype(np.float16)
    stream = io.BytesIO()
    np.savez_compressed(
        stream, maps=maps, rows=np.array(crop.rows), columns=np.array(crop.columns), area=np.array(crop.area),
        model=np.array(look.spec.name), layer=np.array(node.name), sha256=np.array(look.image.sha256),
    )  # fmt: skip
    return stream.getvalue()


def grid_png(look: Look, choice: Choice) -> bytes:
    """Every channel as a tile, in the order and scale of the page."""
    from cvdemo.viz.features import sprite

    maps = look.maps(look.node(choice), choice.item)
    order = channel_order(maps, choice.sort, choice.anchor)
    return sprite(maps, scale=choice.scale, tile_side=max(48, tile_side(len(maps))), channels=order).png()


def channel_png(look: Look, choice: Choice, channel: int) -> bytes:
    """The channel over the picture, at the picture's own size."""
    from cvdemo.viz.encode import png
    from cvdemo.viz.features import draw_map

    values = look.whole_maps(look.node(choice), choice.item)[channel]
    box = look.letterboxes[choice.item]
    return png(draw_map(look.image, values, box, colormap="viridis", interpolation="nearest"), compression=3)
