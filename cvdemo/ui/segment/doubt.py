"""How far a photo is from what a network learnt, said honestly."""

from __future__ import annotations

import streamlit as st

from cvdemo.registry import ModelSpec
from cvdemo.tasks.certainty import DOUBTFUL, Limit, doubtful_share, has_content, limits
from cvdemo.types import Image, Segmentation
from cvdemo.ui import words
from cvdemo.ui.notices import notice

_LEARNT = {"camvid": "road scenes", "clothing": "street-fashion photos"}


_EMPTY = "There is hardly anything to see in this picture, so its mask means nothing; choose a larger or clearer photo."
_UNDECIDED = (
    "Nothing of a road and nobody close was seen in this picture, so the mask may mean nothing, however sure the "
    "network is; choose another photo, or a subject above if you know better."
)


def panel(spec: ModelSpec, image: Image, result: Segmentation, decided: bool = True) -> None:
    """One sentence: a notice where the photo is empty, of neither subject or far off, else a caption.

    decided: whether something in the picture, or the visitor, speaks for the network's subject.
    """
    share, limit = doubtful_share(result), limits().get(spec.name)
    if not has_content(image):
        notice(_EMPTY)
    elif not decided:
        notice(_UNDECIDED)
    elif limit is not None and share > limit.limit:
        notice(far(spec, share, limit))
    else:
        st.caption(near(share, limit), help=_how(limit) if limit else None)


def far(spec: ModelSpec, share: float, limit: Limit) -> str:
    """For a share above the limit."""
    return (
        f"This photo is probably far from the {learnt(spec)} that the network learnt from: on {words.percent(share)} "
        f"of it no class reaches {DOUBTFUL * 100:.0f} %, and {words.percent(limit.limit)} is usual at most. Look at "
        "the uncertainty map, or choose another subject above."
    )


def near(share: float, limit: Limit | None) -> str:
    """For a share below the limit, or a network for which nobody has measured one."""
    said = f"On {words.percent(share)} of the picture no class reaches {DOUBTFUL * 100:.0f} %."
    if limit is None:
        return f"{said} How much is too much has not been measured for this network, so judge strange photos yourself."
    return f"{said} Up to {words.percent(limit.limit)} is usual for this network's own kind of photo."


def learnt(spec: ModelSpec) -> str:
    """What a network was trained on, in the plural."""
    return _LEARNT.get(spec.labels, "photos")


def _how(limit: Limit) -> str:
    return (
        f"Set on {limit.pictures} photos of its own subject so that at most {words.percent(limit.stated)} of them are "
        f"above; measured on photos that had no part in it: {words.percent(limit.measured)}."
    )
