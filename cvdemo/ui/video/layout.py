"""The same places for the clip, the work under way and the film, so that nothing jumps."""

from __future__ import annotations

#: Key of the choice between the result and the clip itself.
VIEW = "video-view"
#: The picture, and what is said of it.
COLUMNS = (2, 1)
#: Tallest picture, in pixels of the page: the film and what stands above it fit a laptop's window.
_TALLEST = 600


def width(size_hw: tuple[int, int]) -> int:
    """Pixels of the page that a film of that size is wide; the column may make it narrower."""
    height, wide = size_hw
    return max(120, round(_TALLEST * wide / height)) if height else _TALLEST
