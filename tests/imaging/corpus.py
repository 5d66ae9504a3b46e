"""Awkward picture files, made from one picture: red, green / blue, yellow quarters, 64 wide and 48 high."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageCms
from pillow_heif import from_pillow

RED, GREEN, BLUE, YELLOW = (220, 30, 40), (30, 200, 60), (20, 60, 210), (230, 220, 40)
WHITE = (255, 255, 255)
SIZE_HW = (48, 64)

Colours = tuple[tuple[int, int, int], ...]
QUARTERS: Colours = (RED, GREEN, BLUE, YELLOW)
GREYS: Colours = tuple((v, v, v) for v in (10, 90, 170, 250))


def quarters(colours: Any = QUARTERS, dtype: Any = np.uint8) -> np.ndarray:
    """The picture as an array: colours of the top left, top right, bottom left, bottom right quarter."""
    a, b, c, d = (np.broadcast_to(np.asarray(x, dtype), (24, 32, *np.shape(x))) for x in colours)
    return np.concatenate([np.concatenate([a, b], 1), np.concatenate([c, d], 1)], 0)


def saved(picture: Image.Image, fmt: str, **options: Any) -> bytes:
    stream = BytesIO()
    picture.save(stream, fmt, **options)
    return stream.getvalue()


RGB = Image.fromarray(quarters())
GREY = Image.fromarray(quarters([v[0] for v in GREYS]))


def heic(picture: Image.Image = RGB, **options: Any) -> bytes:
    stream = BytesIO()
    from_pillow(picture).save(stream, format="HEIF", quality=95, **options)
    return stream.getvalue()


def exif(orientation: int) -> Image.Exif:
    data = Image.Exif()
    data[0x0112] = orientation
    return data


def turned(orientation: int) -> Image.Image:
    """The picture as a camera stores it whose EXIF orientation then makes it upright again."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    return RGB.copy() if undo is None else RGB.transpose(undo)


def with_alpha(mode: str) -> Image.Image:
    """Right half transparent, in mode RGBA, LA or P."""
    alpha = Image.fromarray(quarters([255, 0, 255, 0]))
    rgba = RGB.copy()
    rgba.putalpha(alpha)
    if mode == "LA":
        return Image.merge("LA", [GREY, alpha])
    if mode == "P":
        return rgba.quantize(8)
    return rgba


def swapped_profile() -> bytes:
    """An ICC profile whose red primary is sRGB's blue and the other way round: shows at once if it is applied."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    entries = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 136 + 12 * i for i in range(count)}
    red, blue = (profile[entries[tag] : entries[tag] + 8] for tag in (b"rXYZ", b"bXYZ"))
    profile[entries[b"rXYZ"] : entries[b"rXYZ"] + 8] = blue
    profile[entries[b"bXYZ"] : entries[b"bXYZ"] + 8] = red
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def png16_rgb() -> bytes:
    """A 16-bit RGB PNG, which Pillow cannot write."""
    values = quarters().astype(np.uint16) * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png_of_chunks(b"IHDR" + struct.pack(">IIBBBBB", 64, 48, 16, 2, 0, 0, 0), b"IDAT" + zlib.compress(rows))


def png_of_chunks(*chunks: bytes) -> bytes:
    """A PNG of these chunks (type and data); length, check sum and the last one are added."""
    parts = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (*chunks, b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that claim to be a picture of that size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png_of_chunks(b"IHDR" + header, b"IDAT" + zlib.compress(b"\0" * 1000))


def frames(fmt: str) -> bytes:
    others = [Image.new("RGB", (64, 48), c) for c in ("black", "white")]
    return saved(RGB, fmt, save_all=True, append_images=others, duration=100)


def damaged_exif() -> bytes:
    data = saved(RGB, "JPEG", quality=95, exif=exif(6))
    return data.replace(b"Exif\0\0MM\0*", b"Exif\0\0ZZ\xff\xff")


def bigtiff() -> bytes:
    return saved(RGB, "TIFF", big_tiff=True)


def xmp_mif1_heic() -> bytes:
    """A HEIC whose major brand only says 'some HEIF', as several phones write it."""
    return heic().replace(b"ftypheic", b"ftypmif1", 1)


#: name -> (file, colours of the quarters, how far a channel may be off)
GOOD: dict[str, tuple[Callable[[], bytes], Colours, int]] = {
    "jpeg": (lambda: saved(RGB, "JPEG", quality=95, subsampling=0), QUARTERS, 6),
    "jpeg progressive": (lambda: saved(RGB, "JPEG", quality=95, progressive=True, subsampling=0), QUARTERS, 6),
    "jpeg grey": (lambda: saved(GREY, "JPEG", quality=95), GREYS, 4),
    "jpeg cmyk": (lambda: saved(RGB.convert("CMYK"), "JPEG", quality=95), QUARTERS, 6),
    "jpeg damaged exif": (damaged_exif, QUARTERS, 12),
    "jpeg trailing bytes": (lambda: saved(RGB, "JPEG", quality=95, subsampling=0) + b"\0" * 5000, QUARTERS, 6),
    "mpo": (lambda: frames("MPO"), QUARTERS, 40),
    "png": (lambda: saved(RGB, "PNG"), QUARTERS, 0),
    "png grey": (lambda: saved(GREY, "PNG"), GREYS, 0),
    "png 1 bit": (lambda: saved(GREY.convert("1", dither=0), "PNG"), tuple((v,) * 3 for v in (0, 0, 255, 255)), 0),
    "png palette": (lambda: saved(RGB.quantize(8), "PNG"), QUARTERS, 3),
    "png palette transparent": (lambda: saved(with_alpha("P"), "PNG"), (RED, WHITE, BLUE, WHITE), 3),
    "png rgba": (lambda: saved(with_alpha("RGBA"), "PNG"), (RED, WHITE, BLUE, WHITE), 0),
    "png grey alpha": (lambda: saved(with_alpha("LA"), "PNG"), (GREYS[0], WHITE, GREYS[2], WHITE), 0),
    "png transparent colour": (lambda: saved(RGB, "PNG", transparency=GREEN), (RED, WHITE, BLUE, YELLOW), 0),
    "png 16 bit grey": (
        lambda: saved(Image.fromarray(quarters([v[0] * 257 for v in GREYS], np.uint16)), "PNG"),
        GREYS,
        0,
    ),
    "png 16 bit rgb": (png16_rgb, QUARTERS, 1),
    "png orientation": (lambda: saved(turned(6), "PNG", exif=exif(6)), QUARTERS, 0),
    "png foreign profile": (
        lambda: saved(RGB, "PNG", icc_profile=swapped_profile()),
        tuple(c[::-1] for c in QUARTERS),
        3,
    ),
    "png broken profile": (lambda: saved(RGB, "PNG", icc_profile=b"not a profile"), QUARTERS, 0),
    "png grey with rgb profile": (lambda: saved(GREY, "PNG", icc_profile=swapped_profile()), GREYS, 0),
    "apng": (lambda: frames("PNG"), QUARTERS, 0),
    "webp": (lambda: saved(RGB, "WEBP", lossless=True), QUARTERS, 0),
    "webp alpha": (lambda: saved(with_alpha("RGBA"), "WEBP", lossless=True), (RED, WHITE, BLUE, WHITE), 0),
    "webp animated": (lambda: saved_animated_webp(), QUARTERS, 2),
    "bmp": (lambda: saved(RGB, "BMP"), QUARTERS, 0),
    "bmp palette": (lambda: saved(RGB.quantize(8), "BMP"), QUARTERS, 3),
    "tiff": (lambda: saved(RGB, "TIFF"), QUARTERS, 0),
    "tiff lzw": (lambda: saved(RGB, "TIFF", compression="tiff_lzw"), QUARTERS, 0),
    "tiff big endian 16 bit": (
        lambda: saved(
            Image.frombytes(
                "I;16B", (64, 48), quarters([v[0] * 257 for v in GREYS], np.uint16).astype(">u2").tobytes()
            ),
            "TIFF",
        ),
        GREYS,
        0,
    ),
    "tiff int32": (
        lambda: saved(Image.fromarray(quarters([v[0] * 257 for v in GREYS], np.int32)), "TIFF"),
        GREYS,
        0,
    ),
    "tiff float": (lambda: saved(Image.fromarray(quarters([v[0] / 255 for v in GREYS], np.float32)), "TIFF"), GREYS, 0),
    "tiff float with nan": (
        lambda: saved(Image.fromarray(quarters([np.nan, 0.0, 1.0, np.inf], np.float32)), "TIFF"),
        tuple((v,) * 3 for v in (0, 0, 255, 0)),
        0,
    ),
    "tiff cmyk": (lambda: saved(RGB.convert("CMYK"), "TIFF"), QUARTERS, 2),
    "tiff orientation": (lambda: saved(turned(8), "TIFF", exif=exif(8)), QUARTERS, 0),
    "tiff pages": (lambda: saved(RGB, "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))]), QUARTERS, 0),
    "bigtiff": (bigtiff, QUARTERS, 0),
    "gif": (lambda: saved(RGB, "GIF"), QUARTERS, 3),
    "gif animated": (lambda: frames("GIF"), QUARTERS, 3),
    "gif transparent": (lambda: saved(with_alpha("RGBA"), "GIF"), (RED, WHITE, BLUE, WHITE), 3),
    "heic": (heic, QUARTERS, 12),
    "heic brand mif1": (xmp_mif1_heic, QUARTERS, 12),
    "heic orientation": (lambda: heic(turned(6), exif=exif(6).tobytes()), QUARTERS, 12),
    "avif": (lambda: saved(RGB, "AVIF", quality=95), QUARTERS, 12),
    "avif orientation": (lambda: saved(turned(6), "AVIF", quality=95, exif=exif(6)), QUARTERS, 12),
}


def saved_animated_webp() -> bytes:
    others = [Image.new("RGB", (64, 48), c) for c in ("black", "white")]
    return saved(RGB, "WEBP", save_all=True, append_images=others, duration=100, lossless=True)


#: name -> (file, a word of the refusal)
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty"),
    "text": (lambda: "Grüße, this is not a picture.".encode(), "a text file"),
    "html": (lambda: b"<!doctype html><html></html>", "a text file"),
    "svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "video": (lambda: b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + b"\0" * 99, "a video"),
    "zip": (lambda: b"PK\x03\x04" + b"\0" * 99, "archive"),
    "icon": (lambda: saved(RGB, "ICO"), "icon"),
    "jpeg 2000": (lambda: saved(RGB, "JPEG2000"), "JPEG 2000"),
    "eps": (lambda: saved(RGB, "EPS"), "text file"),
    "noise": (lambda: bytes(np.random.default_rng(0).integers(128, 255, 999, dtype=np.uint8)), "not a picture"),
    "too many bytes": (lambda: b"\xff\xd8\xff" + b"\0" * (20 * 2**20), "20 MB"),
    "bomb": (lambda: huge_png(20000, 20000), "400 million"),
    "bomb that pillow refuses": (lambda: huge_png(2**31 - 1, 2**31 - 1), "50 million"),
    "just too many pixels": (lambda: huge_png(10000, 5001), "50 million"),
    "too long": (lambda: huge_png(40000, 10), "32,000"),
    "no pixels": (lambda: huge_png(0, 10), "damaged"),
    "only a signature": (lambda: b"\x89PNG\r\n\x1a\n", "damaged"),
    "jpeg signature": (lambda: b"\xff\xd8\xff\xe0", "damaged"),
    "heic signature": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "damaged"),
}
