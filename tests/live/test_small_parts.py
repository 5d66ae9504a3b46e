"""Who may connect, how much one may send, who has a place, which frames are taken."""

from __future__ import annotations

import asyncio
import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as PILImage

from cvdemo.errors import ImageError, UsageError
from cvdemo.live.allowance import Allowance
from cvdemo.live.frames import load_frame
from cvdemo.live.lobby import FullError, Lobby
from cvdemo.live.origin import origin_allowed
from cvdemo.settings import read_settings

ALSO = ("https://demo.example.org",)


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("http://localhost:8501", "localhost:8501", True),
        ("https://cv.example.org", "cv.example.org", True),
        ("https://cv.example.org", "cv.example.org:443", True),
        ("HTTPS://CV.example.org", "cv.example.ORG", True),
        ("http://[::1]:8501", "[::1]:8501", True),
        ("https://demo.example.org", "localhost:8501", True),
        ("https://DEMO.example.org", "localhost:8501", True),
        ("http://demo.example.org", "localhost:8501", False),
        ("http://localhost:8502", "localhost:8501", False),
        ("http://evil.example", "localhost:8501", False),
        ("http://localhost:8501.evil.example", "localhost:8501", False),
        ("https://cv.example.org.evil.example", "cv.example.org", False),
        ("http://cv.example.org", "cv.example.org:443", False),
        ("file://localhost:8501", "localhost:8501", False),
        ("null", "localhost:8501", False),
        ("", "localhost:8501", False),
        (None, "localhost:8501", False),
        ("http://localhost:8501", None, False),
        ("http://", "", False),
        ("http://[", "[", False),
        ("http://a:port", "a:port", False),
    ],
)
def test_only_the_own_page_and_those_allowed_connect(origin: str | None, host: str | None, allowed: bool) -> None:
    assert origin_allowed(origin, host, ALSO) is allowed


def test_an_allowance_fills_with_time() -> None:
    allowance = Allowance(rate=10, patience=5)
    assert sum(allowance.take(100.0) for _ in range(30)) == 10
    assert allowance.refused == 20
    assert allowance.flood
    assert sum(allowance.take(100.5) for _ in range(30)) == 5


def test_places_are_taken_in_order_and_given_back() -> None:
    async def scene() -> None:
        lobby, told, inside, ends = Lobby(1, 2), [], [], {name: asyncio.Event() for name in "abcd"}

        async def visitor(name: str) -> None:
            async def position(at: int) -> None:
                told.append((name, at))

            async with lobby.place(position):
                inside.append(name)
                await ends[name].wait()

        tasks = {}
        for name in "abc":
            tasks[name] = asyncio.create_task(visitor(name))
            await asyncio.sleep(0.01)
        assert (inside, told) == (["a"], [("b", 1), ("c", 2)])
        with pytest.raises(FullError, match="try again"):
            await visitor("d")
        ends["a"].set()
        await asyncio.sleep(0.01)
        assert (inside, told[2:]) == (["a", "b"], [("c", 1)])
        tasks["b"].cancel()  # a visitor who vanishes frees the place too
        await asyncio.sleep(0.01)
        assert inside == ["a", "b", "c"]
        ends["c"].set()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        assert (lobby.inside, lobby.waiting) == (0, 0)

    asyncio.run(scene())


def test_whoever_leaves_the_queue_is_forgotten() -> None:
    async def scene() -> None:
        lobby = Lobby(1, 5)
        told: list[int] = []

        async def hold(seconds: float) -> None:
            async def position(at: int) -> None:
                told.append(at)

            async with lobby.place(position):
                await asyncio.sleep(seconds)

        first = asyncio.create_task(hold(0.1))
        await asyncio.sleep(0.01)
        second, third = asyncio.create_task(hold(0)), asyncio.create_task(hold(0))
        await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.gather(first, second, third, return_exceptions=True)
        assert told == [1, 2, 1]
        assert (lobby.inside, lobby.waiting) == (0, 0)

    asyncio.run(scene())


def _jpeg(size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    stream = BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
    PILImage.fromarray(pixels).save(stream, "JPEG", **options)
    return stream.getvalue()


def test_frames_of_browsers_are_taken() -> None:
    assert load_frame(_jpeg()).size_hw == (48, 64)
    assert load_frame(_jpeg(progressive=True)).size_hw == (48, 64)


def test_other_pictures_are_no_frames() -> None:
    stream = BytesIO()
    PILImage.new("RGB", (8, 8)).save(stream, "PNG")
    with pytest.raises(ImageError, match="JPEG"):
        load_frame(stream.getvalue())


def test_a_giant_is_refused_by_its_header() -> None:
    giant = bytearray(_jpeg())
    at = giant.index(b"\xff\xc0")
    giant[at + 5 : at + 9] = struct.pack(">HH", 60_000, 60_000)
    with pytest.raises(ImageError, match="million"):
        load_frame(bytes(giant))
    with pytest.raises(ImageError, match=r"at most 1\.6\d* million"):
        load_frame(_jpeg((1300, 1300)))


def test_a_file_of_endless_scans_is_refused_before_it_is_decoded() -> None:
    scans = _jpeg(progressive=True)
    start = scans.index(b"\xff\xda")
    with pytest.raises(ImageError, match="scans"):
        load_frame(scans[:-2] + scans[start:-2] * 20 + scans[-2:])


def test_half_a_frame_is_refused() -> None:
    whole = _jpeg((320, 240))
    for part in (10, 200, len(whole) // 2):
        with pytest.raises(ImageError):
            load_frame(whole[:part])


def test_limits_come_from_the_environment() -> None:
    live = read_settings(
        {"CVDEMO_LIVE_USERS": "3", "CVDEMO_LIVE_ORIGINS": "https://A.example/, http://b.example:8501"}
    ).live
    assert live.users == 3
    assert live.origins == ("https://a.example", "http://b.example:8501")
    for environ in ({"CVDEMO_LIVE_USERS": "none"}, {"CVDEMO_LIVE_ORIGINS": "demo.example.org"}):
        with pytest.raises(UsageError, match=next(iter(environ))):
            read_settings(environ)
