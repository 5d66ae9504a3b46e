"""Colours: class i has one colour on every page, and what is written on it can be read."""

from __future__ import annotations

RGB = tuple[int, int, int]

#: The palette of Okabe and Ito (2008), then 13 more, each the farthest from all before it in CIEDE2000 as seen
#: by the poorest of normal, protan, deutan and tritan vision (simulated after Machado et al. 2009), among the
#: colours of middle lightness and high chroma; reordered so that cars, pedestrians and cyclists of street scenes
#: stand apart under a mask's opacity. After 20 classes the colours come again.
PALETTE: tuple[RGB, ...] = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (213, 94, 0), (0, 114, 178), (204, 121, 167), (240, 228, 66),
    (120, 255, 210), (180, 15, 45), (150, 210, 135), (105, 0, 255), (75, 135, 255), (0, 120, 75), (150, 60, 105),
    (195, 0, 150), (255, 135, 165), (30, 210, 180), (105, 150, 75), (180, 90, 135), (210, 0, 15),
)  # fmt: skip

#: Joints and limbs of the left side, the right side and the middle of a body (the person's own left).
LEFT: RGB = (86, 180, 233)
RIGHT: RGB = (230, 159, 0)
MIDDLE: RGB = (240, 228, 66)

BLACK: RGB = (0, 0, 0)
WHITE: RGB = (255, 255, 255)


def class_color(class_id: int) -> RGB:
    """Red, green, blue (0..255) of a class."""
    return PALETTE[class_id % len(PALETTE)]


def class_hex(class_id: int) -> str:
    """The colour of a class as '#rrggbb'."""
    return "#{:02x}{:02x}{:02x}".format(*class_color(class_id))


def text_color(background: RGB) -> RGB:
    """Black or white, whichever reads better; the contrast is never below 4.5:1 (the worst case is 4.58:1)."""
    return max((BLACK, WHITE), key=lambda text: contrast(text, background))


def contrast(first: RGB, second: RGB) -> float:
    """Contrast ratio of two colours, 1 to 21, as WCAG 2.1 defines it."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: RGB) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
