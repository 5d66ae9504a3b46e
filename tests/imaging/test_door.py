"""The door for pixels: a corpus of awkward files, each accepted with the right colours or refused in one sentence."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvdemo.errors import ImageError
from cvdemo.imaging import MAX_PIXELS, SUFFIXES, display_name, image_from_pixels, load_file, load_image
from tests.imaging import corpus
from tests.imaging.corpus import BAD, GOOD, QUARTERS, SIZE_HW


def quarter_colours(pixels: np.ndarray) -> np.ndarray:
    """(4, 3): the colour in the middle of each quarter."""
    h, w = pixels.shape[:2]
    ys, xs = [h // 4, h // 4, 3 * h // 4, 3 * h // 4], [w // 4, 3 * w // 4, w // 4, 3 * w // 4]
    return pixels[ys, xs].astype(int)


def test_corpus_is_large_enough() -> None:
    assert len(GOOD) + len(BAD) >= 25


@pytest.mark.parametrize("case", GOOD)
def test_accepts(case: str) -> None:
    make, colours, tolerance = GOOD[case]
    data = make()
    image = load_image(data, "x")
    assert image.size_hw == SIZE_HW
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    assert image.sha256 == hashlib.sha256(data).hexdigest()
    assert np.abs(quarter_colours(image.pixels) - np.array(colours)).max() <= tolerance


@pytest.mark.parametrize("case", BAD)
def test_refuses(case: str) -> None:
    make, word = BAD[case]
    with pytest.raises(ImageError, match=re.escape(word)) as caught:
        load_image(make(), "x")
    assert is_one_sentence(str(caught.value))


def refusal(data: bytes) -> str | None:
    """What load_image says against the bytes, None when it takes them; any other exception gets through."""
    try:
        load_image(data)
    except ImageError as error:
        return str(error)
    return None


def is_one_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith(".") and "\n" not in text and ". " not in text


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation: int) -> None:
    data = corpus.saved(corpus.turned(orientation), "JPEG", quality=95, exif=corpus.exif(orientation))
    image = load_image(data)
    assert image.size_hw == SIZE_HW
    assert np.abs(quarter_colours(image.pixels) - np.array(QUARTERS)).max() <= 12


#: Half of these files still holds the whole first frame.
WHOLE_IN_HALF = {"mpo", "apng", "jpeg trailing bytes"}


@pytest.mark.parametrize("case", sorted(GOOD.keys() - WHOLE_IN_HALF))
def test_cut_short_is_refused(case: str) -> None:
    data = GOOD[case][0]()
    with pytest.raises(ImageError) as caught:
        load_image(data[: len(data) // 2])
    assert is_one_sentence(str(caught.value))


def test_photo_of_48_megapixels_is_admitted() -> None:
    assert MAX_PIXELS >= 8064 * 6048


def test_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageFile

    def fail(self: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", None)  # ultralytics switches Pillow's own check off
    with pytest.raises(ImageError, match="million"):
        load_image(corpus.huge_png(60000, 60000))


def test_does_not_go_through_a_patched_image_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise AssertionError("called")

    monkeypatch.setattr(PIL.Image, "open", fail)
    assert load_image(GOOD["png"][0]()).size_hw == SIZE_HW
    assert load_image(GOOD["heic"][0]()).size_hw == SIZE_HW


def test_half_transparent_is_half_white() -> None:
    picture = PIL.Image.new("RGBA", (4, 4), (200, 0, 0, 128))
    pixel = load_image(corpus.saved(picture, "PNG")).pixels[0, 0].astype(int)
    assert np.abs(pixel - [227, 127, 127]).max() <= 1


def test_one_pixel() -> None:
    assert load_image(corpus.saved(PIL.Image.new("L", (1, 1), 7), "PNG")).pixels.tolist() == [[[7, 7, 7]]]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(GOOD)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_damaged_bytes_give_a_picture_or_a_sentence(case: str, damage: list[tuple[float, int]]) -> None:
    data = bytearray(GOOD[case][0]())
    for place, value in damage:
        data[min(int(place * len(data)), len(data) - 1)] = value
    assert is_one_sentence(refusal(bytes(data)) or "Fine.")


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_picture_or_a_sentence(data: bytes) -> None:
    assert is_one_sentence(refusal(data) or "Fine.")


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("cat.jpg", "cat.jpg"),
        ("/etc/secret/cat.jpg", "cat.jpg"),
        ("C:\\photos\\cat.jpg", "cat.jpg"),
        ("../../cat.jpg", "cat.jpg"),
        ("a\x00b\x1b[31mc.jpg", "ab[31mc.jpg"),
        ("two\nlines.jpg", "two lines.jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("", "picture"),
        ("..", "picture"),
        ("folder/", "folder"),
        ("Ünïcode 猫.jpg", "Ünïcode 猫.jpg"),
    ],
)
def test_display_name(given_name: str, shown: str) -> None:
    assert display_name(given_name) == shown


@given(st.text())
def test_display_name_is_always_safe(name: str) -> None:
    shown = display_name(name)
    assert 1 <= len(shown) <= 80
    assert "/" not in shown
    assert "\\" not in shown
    assert all(unicodedata.category(c)[0] != "C" for c in shown)


def test_long_name_keeps_its_suffix() -> None:
    shown = display_name("a" * 300 + ".jpeg")
    assert len(shown) == 80
    assert shown.endswith(".jpeg")


def test_pixels_that_never_were_a_file() -> None:
    pixels = corpus.quarters()
    image = image_from_pixels(pixels, "frame")
    pixels[:] = 0
    assert np.array_equal(image.pixels, corpus.quarters())
    assert image.sha256 == image_from_pixels(corpus.quarters()).sha256
    reshaped = corpus.quarters().reshape(64, 48, 3)
    assert image.sha256 != image_from_pixels(reshaped).sha256
    grey = image_from_pixels(np.array([[5, 6]], np.uint8))
    assert grey.pixels.tolist() == [[[5, 5, 5], [6, 6, 6]]]
    with pytest.raises(ImageError):
        image_from_pixels(np.zeros((0, 5, 3), np.uint8))


def test_suffixes_name_what_pillow_writes() -> None:
    assert all(s in SUFFIXES for s in (".jpg", ".png", ".webp", ".bmp", ".tiff", ".gif", ".heic", ".avif"))
    assert all(s == s.lower() for s in SUFFIXES)


def test_grey_profile_and_cmyk_picture_keep_their_size() -> None:
    stream = BytesIO()
    corpus.RGB.convert("CMYK").save(stream, "JPEG", icc_profile=corpus.swapped_profile())
    assert load_image(stream.getvalue()).size_hw == SIZE_HW


def test_files(tmp_path: Path) -> None:
    data = GOOD["png"][0]()
    (tmp_path / "a.png").write_bytes(data)
    assert load_file(tmp_path / "a.png").sha256 == hashlib.sha256(data).hexdigest()
    assert load_file(tmp_path / "a.png").name == "a.png"
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(5 * 2**30)  # sparse: must be refused unread
    os.mkfifo(tmp_path / "pipe.jpg")
    refused = {"huge.jpg": "5120.0 MB", "none.jpg": "not exist", ".": "regular", "pipe.jpg": "regular", "a\0b": "file"}
    for name, word in refused.items():
        with pytest.raises(ImageError, match=re.escape(word)) as caught:
            load_file(tmp_path / name)
        assert is_one_sentence(str(caught.value).replace("5120.0", "5120"))
