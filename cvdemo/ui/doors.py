"""The ways from the home page into the rest of the app."""

from __future__ import annotations

import streamlit as st

#: page -> (title, what one does there).
DOORS = {
    "live.py": ("Live webcam", "Boxes, skeletons, masks and feature maps that move with you."),
    "video.py": ("Video file", "Upload a clip: people followed, joints measured, the film to keep."),
    "inside.py": ("Feature maps", "Open any layer of any network on your picture, channel by channel."),
    "convolution.py": ("Convolution by hand", "Move a kernel over your picture and watch the numbers."),
    "architectures.py": ("Architectures", "AlexNet, VGG, GoogLeNet, Xception: built, measured, drawn to scale."),
    "fashion_lab.py": ("Fashion laboratory", "Draw a garment, see what is taken for what, train a network live."),
    "models.py": ("Models", "All networks with their papers, and official weights to fetch."),
    "benchmark.py": ("Benchmark", "How fast they are on this machine, and how accurate for it."),
}


def show() -> None:
    """One card a page; they wrap on narrow screens."""
    with st.container(horizontal=True, gap="small", key="doors"):
        for page, (title, line) in DOORS.items():
            with st.container(border=True, gap="xxsmall"):
                st.page_link(page, label=f"**{title}**", icon=":material/arrow_forward:")
                st.caption(line)
