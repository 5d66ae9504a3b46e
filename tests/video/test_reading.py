"""Reading: every container, odd times, turned phones, and files that are none or not whole."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvdemo.errors import VideoError
from cvdemo.video.limits import LIMITS, SUFFIXES
from cvdemo.video.opening import container_of
from cvdemo.video.reading import Frame, first_frame, frames, probe, working_size
from tests.video.films import USUAL, film, number_of, numbered


def read(data: bytes) -> list[Frame]:
    return list(frames(data, probe(data)))


@pytest.mark.parametrize("kind", USUAL)
def test_frames_of_every_container_come_in_order_with_their_times(kind: str) -> None:
    data = film(kind=kind)
    info = probe(data)
    assert (info.size_hw, info.source_hw, info.frames) == ((96, 128), (96, 128), 8)
    assert info.seconds == pytest.approx(0.8, abs=0.11)
    got = read(data)
    assert [frame.index for frame in got] == list(range(8))
    assert [frame.seconds for frame in got] == pytest.approx([i / 10 for i in range(8)], abs=0.006)
    if kind != "gif":  # its 256 colours round the brightness
        assert [number_of(frame.pixels) for frame in got] == list(range(8))
    assert abs(got[0].pixels[10, 10].astype(int) - (230, 20, 20)).max() < 30


def test_uneven_times_stay_uneven() -> None:
    times = (0.0, 0.04, 0.5, 0.55, 2.0)
    assert [f.seconds for f in read(film(times))] == pytest.approx(times, abs=0.002)


def test_times_begin_at_zero_whatever_the_file_says() -> None:
    assert [f.seconds for f in read(film((5.0, 5.5, 6.0), kind="webm"))] == pytest.approx([0, 0.5, 1.0], abs=0.002)


def test_a_file_on_disk_reads_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "film.bin"  # the name says nothing
    path.write_bytes(film())
    assert probe(path) == probe(film())
    np.testing.assert_array_equal(first_frame(path), first_frame(film()))


@pytest.mark.parametrize(("rotation", "corner"), [(90, (-1, 0)), (180, (-1, -1)), (270, (0, -1)), (-90, (0, -1))])
def test_a_turned_phone_gives_upright_frames(rotation: int, corner: tuple[int, int]) -> None:
    data = film(kind="mov", rotation=rotation)
    upright = (128, 96) if rotation % 180 else (96, 128)
    info = probe(data)
    assert info.source_hw == info.size_hw == upright
    pixels = read(data)[0].pixels
    assert pixels.shape == (*upright, 3)
    y, x = (10 if c == 0 else -10 for c in corner)
    assert pixels[y, x, 0] > 200
    assert pixels[y, x, 1] < 60


def test_only_so_many_frames_a_second_are_looked_at() -> None:
    data = film(tuple(i / 60 for i in range(24)), frames=[numbered(i % 20) for i in range(24)])
    slow = replace(LIMITS, fps=15.0)
    got = list(frames(data, probe(data), slow))
    assert [f.seconds for f in got] == pytest.approx([i / 15 for i in range(6)], abs=0.002)
    assert len(read(data)) == 12  # 30 a second


@given(st.integers(16, 5000), st.integers(16, 5000), st.sampled_from([320, 1280]))
def test_working_size_is_even_and_keeps_the_shape(height: int, width: int, side: int) -> None:
    h, w = working_size((height, width), side)
    assert h % 2 == w % 2 == 0
    assert max(h, w) <= side
    if min(h, w) > 16:
        assert h / w == pytest.approx(height / width, rel=2 / min(h, w))


def test_odd_and_large_frames_are_scaled() -> None:
    assert probe(film((0.0, 0.1), kind="gif", size_hw=(33, 53))).size_hw == (32, 52)
    data = film((0.0, 0.1), size_hw=(1080, 1920))
    assert probe(data).size_hw == (720, 1280)
    assert first_frame(data).shape == (720, 1280, 3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"dear diary", "a text file"),
        (b"%PDF-1.7" + bytes(100), "a PDF document"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "a picture"),
        (b"RIFF\0\0\0\0AVI LIST" + bytes(100), "a video of another kind"),
        (b"\0\0\0\x18ftypisom" + b"x" * 500, "damaged or cut short"),
        (b"\x1a\x45\xdf\xa3" + bytes(500), "damaged or cut short"),
        (b"GIF89a" + bytes(3), "Not one frame|damaged or cut short"),
        (film()[:600], "Not one frame|damaged or cut short"),
        (film(front=False)[:-400], "damaged or cut short"),
    ],
)
def test_what_is_no_whole_video_gets_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(VideoError, match=words) as caught:
        read(data)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_playlist_cannot_make_the_server_fetch_or_read_anything(tmp_path: Path) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(film())
    for text in (
        f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n",
        f"ffconcat version 1.0\nfile '{secret}'\n",
        "v=0\no=- 0 0 IN IP4",
    ):
        with pytest.raises(VideoError, match="a text file"):
            probe(text.encode())


def test_a_movie_that_refers_to_another_file_does_not_get_it(tmp_path: Path) -> None:
    """A QuickTime file may say that its frames lie elsewhere (a data reference that is not its own)."""
    data = film(kind="mov", front=False)
    secret = tmp_path / "frames"
    secret.write_bytes(data)
    at = data.index(b"dref")
    own = data.index(b"url ", at)
    entry = b"alis" + data[own + 4 : own + 7] + b"\0"  # the flag "in this very file" taken away
    outside = data[:own] + entry + data[own + 8 :]
    (tmp_path / "film.mov").write_bytes(outside)
    try:
        got = read(outside)
    except VideoError:
        return
    assert len(got) <= 8  # it fell back to its own bytes


def test_limits_are_named(tmp_path: Path) -> None:
    data = film()
    small = replace(LIMITS, bytes=2**20, seconds=0.5, pixels=5000, frames=4)
    with pytest.raises(VideoError, match=r"1 s long; cut it to at most 0.5 s"):
        probe(data, replace(LIMITS, seconds=0.5))
    with pytest.raises(VideoError, match="128 × 96 pixels large; scale it down"):
        probe(data, replace(LIMITS, pixels=small.pixels))
    with pytest.raises(VideoError, match="more than 4 frames"):
        list(frames(data, probe(data), replace(LIMITS, frames=4)))
    with pytest.raises(VideoError, match=r"MB; choose a video of at most 1 MB"):
        probe(data + bytes(2 * 2**20), replace(LIMITS, bytes=2**20))
    with pytest.raises(VideoError, match="8 × 8 pixels small"):
        probe(film((0.0, 0.1), kind="gif", size_hw=(8, 8)))
    with pytest.raises(VideoError, match="does not exist"):
        probe(tmp_path / "none.mp4")
    with pytest.raises(VideoError, match="not a regular file"):
        probe(tmp_path)
    assert "50 MB and 60 s" in LIMITS.sentence


def test_the_frames_that_come_later_are_measured_too() -> None:
    """The header may say less than is there: limits hold while reading as well."""
    data = film(tuple(i / 2 for i in range(8)))
    info = probe(data)
    with pytest.raises(VideoError, match="cut it to at most 2 s"):
        list(frames(data, info, replace(LIMITS, seconds=2.0)))


def test_a_film_cut_short_is_read_as_far_as_it_goes() -> None:
    many = tuple(i / 10 for i in range(20))
    noise = [np.random.default_rng(i).integers(0, 255, (96, 128, 3), np.uint8) for i in range(20)]
    data = film(many, frames=noise)
    half = data[: len(data) // 2]
    info = probe(half)
    assert 4 < info.frames < 16
    assert "The file is cut short" in info.note
    assert "of 1.9 s could be read" in info.note
    assert probe(data).note == ""
    assert 4 < len(read(half)) < 16


def test_damage_in_the_middle_costs_a_few_frames_only() -> None:
    data = bytearray(film(tuple(i / 10 for i in range(20)), kind="webm"))
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    assert 5 <= len(read(bytes(data))) <= 20


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_random_damage_is_a_sentence_or_frames(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(USUAL)))
    original = film((0.0, 0.1, 0.2), kind=kind, size_hw=(32, 32))
    cut = data.draw(st.integers(0, len(original)))
    places = data.draw(st.lists(st.tuples(st.integers(0, len(original) - 1), st.integers(0, 255)), max_size=8))
    broken = bytearray(original)
    for at, value in places:
        broken[at] = value
    said, got = "", []
    try:
        got = read(bytes(broken[:cut]))
    except VideoError as error:
        said = str(error)
    assert said.endswith(".") == (not got)
    assert all(f.pixels.dtype == np.uint8 and f.pixels.ndim == 3 for f in got)


def test_codecs_that_are_not_on_the_list_are_named() -> None:
    with pytest.raises(VideoError, match=r"coded in \w+, which is not read here; export it as MP4 with H\.264"):
        probe(film((0.0, 0.1), kind="mov", codec="rawvideo"))


def test_sound_without_pictures_is_no_video() -> None:
    import io

    import av

    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    with pytest.raises(VideoError, match="no moving picture"):
        probe(stream.getvalue())


def test_containers_are_told_by_their_first_bytes() -> None:
    assert [container_of(film(kind=kind)) for kind in ("mp4", "mov", "webm", "gif")] == [
        "mov",
        "mov",
        "matroska",
        "gif",
    ]
    heic = struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic"
    assert container_of(heic) is None
    assert container_of(b"") is None
    assert {"mp4", "mov", "webm", "gif"} <= set(SUFFIXES)
