"""Any pixel format that Pillow can decode -> 8-bit sRGB, the colours that the networks were trained on."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageCms

#: What an ICC profile says about its colours -> the Pillow mode that it can be applied to.
_PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def to_srgb(picture: PILImage.Image) -> PILImage.Image:
    """The picture in mode RGB: 8 bits, sRGB, transparent parts white.

    picture: loaded, of any Pillow mode. An embedded ICC profile is applied; one that is broken or meant for
    other colours than the picture has is ignored, as browsers do.
    """
    profile = picture.info.get("icc_profile")
    shallow = _to_8_bit(picture)
    alpha = shallow.convert("RGBA").getchannel("A") if shallow.has_transparency_data else None
    rgb = _convert(_opaque(shallow), profile)
    if alpha is None:
        return rgb
    return PILImage.composite(rgb, PILImage.new("RGB", rgb.size, "white"), alpha)


def _to_8_bit(picture: PILImage.Image) -> PILImage.Image:
    """16-bit, 32-bit and float greys as mode L; everything else as it is."""
    if picture.mode.startswith("I;16"):
        return PILImage.fromarray(_scaled(np.asarray(picture), 65535))
    if picture.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(picture, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
        return PILImage.fromarray(_guess_range(values, is_float=picture.mode == "F"))
    return picture


def _guess_range(values: NDArray[np.float32], is_float: bool) -> NDArray[np.uint8]:
    """Nothing says what is white: 1.0 (floats), 255 or 65535 where all values fit, else the largest value."""
    low, high = float(values.min()), float(values.max())
    ceilings = (1.0, 255.0, 65535.0) if is_float else (255.0, 65535.0)
    white = next((c for c in ceilings if high <= c), high)
    if low < 0:
        values, white = values - np.float32(low), high - low
    return _scaled(values, white or 1.0)


def _scaled(values: NDArray[np.generic], white: float) -> NDArray[np.uint8]:
    """Values 0..white as uint8 0..255, rounded."""
    scaled = np.multiply(values, np.float32(255 / white), dtype=np.float32)
    scaled += 0.5
    return scaled.clip(0, 255).astype(np.uint8)


def _opaque(picture: PILImage.Image) -> PILImage.Image:
    """The colours without their alpha channel or palette, in mode L, CMYK or RGB."""
    if picture.mode in ("L", "CMYK", "RGB"):
        return picture
    if picture.mode in ("1", "LA"):
        return picture.convert("L")
    if picture.mode == "La":
        return picture.convert("LA").convert("L")
    if picture.mode in ("P", "PA"):
        return picture.convert("RGBA").convert("RGB")  # straight to RGB warns about byte transparency
    if picture.mode == "RGBa":
        return picture.convert("RGBA").convert("RGB")
    return picture.convert("RGB")


def _convert(picture: PILImage.Image, profile: bytes | None) -> PILImage.Image:
    """To mode RGB in sRGB, through the profile when it is one for the picture's mode."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            fits = _PROFILE_MODES.get(source.profile.xcolor_space.strip()) == picture.mode
            if fits and not ImageCms.getProfileDescription(source).startswith("sRGB"):
                srgb = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(picture, source, srgb, outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return picture.convert("RGB")
    return picture.convert("RGB")
