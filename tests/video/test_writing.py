"""Writing: what comes out is H.264 that browsers take, with the times and colours that went in."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from cvdemo.video.reading import frames, probe
from cvdemo.video.writing import Mp4Writer
from tests.video.films import number_of, numbered


def written(path: Path, times: list[float], end: float | None = None, size_hw: tuple[int, int] = (96, 128)) -> Path:
    with Mp4Writer(path, size_hw, fps=10) as writer:
        for i, time in enumerate(times):
            writer.write(numbered(i, size_hw), time)
        writer.end = end
    return path


def test_it_is_what_browsers_play(tmp_path: Path) -> None:
    path = written(tmp_path / "out.mp4", [0, 0.1, 0.2])
    with av.open(str(path)) as container:
        (stream,) = container.streams
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
    data = path.read_bytes()
    assert data[4:8] == b"ftyp"
    assert data.index(b"moov") < data.index(b"mdat")  # plays before it has arrived


@pytest.mark.parametrize("times", [[0.0], [0.0, 0.1, 0.2, 0.3], [0.0, 0.035, 0.5, 0.54, 1.7]])
def test_times_and_length_are_kept(tmp_path: Path, times: list[float]) -> None:
    path = written(tmp_path / "out.mp4", times, end=times[-1] + 0.4)
    info = probe(path)
    got = list(frames(path, info))
    assert [frame.seconds for frame in got] == pytest.approx(times, abs=0.001)
    assert [number_of(frame.pixels) for frame in got] == list(range(len(times)))
    assert info.seconds == pytest.approx(times[-1] + 0.4, abs=0.001)
    with av.open(str(path)) as container:
        assert container.duration / 1e6 == pytest.approx(times[-1] + 0.4, abs=0.002)


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (120, 90, 60)])
def test_colours_survive(tmp_path: Path, color: tuple[int, int, int]) -> None:
    path = tmp_path / "out.mp4"
    with Mp4Writer(path, (64, 64), fps=10) as writer:
        writer.write(np.full((64, 64, 3), color, np.uint8), 0)
    (frame,) = frames(path, probe(path))
    assert np.abs(frame.pixels.astype(int) - color).max() <= 6


@pytest.mark.parametrize("size_hw", [(16, 16), (16, 1280), (720, 16), (98, 130)])
def test_odd_shapes_can_be_written(tmp_path: Path, size_hw: tuple[int, int]) -> None:
    assert probe(written(tmp_path / "out.mp4", [0, 0.1], size_hw=size_hw)).size_hw == size_hw


def test_times_that_stand_still_are_pushed_on(tmp_path: Path) -> None:
    path = written(tmp_path / "out.mp4", [0.0, 0.0, 0.0])
    assert probe(path).frames == 3


def test_what_was_written_when_something_broke_can_be_played(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"

    def breaks() -> None:
        with Mp4Writer(path, (96, 128), fps=10) as writer:
            writer.write(numbered(0), 0.0)
            writer.write(numbered(1), 0.1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    assert probe(path).frames == 2
