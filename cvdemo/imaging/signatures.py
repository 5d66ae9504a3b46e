"""What a file is, from its first bytes: names and MIME types lie too often."""

from __future__ import annotations

_PREFIXES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
#: Brands that only say "some still or moving HEIF": the compatible brands behind them decide.
_OPEN_BRANDS = {b"mif1", b"msf1", b"miaf", b"MiHB", b"MiHE"}

_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop file"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\0\0\x01\0", "an icon"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"PK\x03\x04", "an archive or office document"),
    (b"\x1f\x8b", "an archive"),
)


def picture_format(data: bytes) -> str | None:
    """JPEG, PNG, WebP, BMP, TIFF, GIF, AVIF or HEIC, or None when the bytes are none of these."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        return _container_format(data)
    return next((fmt for prefix, fmt in _PREFIXES.items() if data.startswith(prefix)), None)


def _container_format(data: bytes) -> str | None:
    """AVIF or HEIC from the brands of an ISO base media file (ISO/IEC 14496-12), None for a video."""
    major = data[8:12]
    end = min(int.from_bytes(data[:4], "big"), 512)
    compatible = {data[i : i + 4] for i in range(16, end, 4)}
    brands = {major} | (compatible if major in _OPEN_BRANDS else set())
    if brands & _AVIF_BRANDS:
        return "AVIF"
    return "HEIC" if brands & (_HEIF_BRANDS | _OPEN_BRANDS) else None


def what_is_it(data: bytes) -> str:
    """A few words for a file that is not an accepted picture: 'a PDF document', 'a video', 'a text file'."""
    head = data[:1024]
    for prefix, kind in _OTHERS:
        if head.startswith(prefix):
            return kind
    if head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] == b"AVI "):
        return "a video"
    if b"<svg" in head:
        return "an SVG drawing"
    if b"\0" not in head and _is_text(head):
        return "a text file"
    return "not a picture file that is known here"


def _is_text(head: bytes) -> bool:
    """Whether the bytes are UTF-8, allowing for a character cut off at the end."""
    try:
        head[:-3].decode("utf-8") if len(head) > 3 else head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True
