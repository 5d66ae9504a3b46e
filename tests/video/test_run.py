"""Videos in the background: two at once, pausing, cancelling, and nothing left on the disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from cvdemo import tasks
from cvdemo.errors import UsageError
from cvdemo.registry import ModelSpec
from cvdemo.video.annotate import VideoRequest
from cvdemo.video.reading import frames, probe
from cvdemo.video.run import VideoDesk, VideoRun
from cvdemo.video.workspace import Workspace
from tests.video.films import film, number_of, numbered

#: Long enough to be interrupted wherever a test likes.
LONG = film(tuple(i / 25 for i in range(400)), frames=[numbered(i % 20) for i in range(400)])


def wait(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def request_(detector: ModelSpec) -> VideoRequest:
    return VideoRequest(spec=detector, params=tasks.default_params(detector), name="film.mp4")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    place = Workspace(tmp_path / "videos")
    yield place
    place.close()
    assert list((tmp_path / "videos").glob("process-*")) == []


@pytest.fixture
def desk(place: Workspace) -> Iterator[VideoDesk]:
    desk = VideoDesk(most=2, place=place)
    yield desk
    desk.close()
    wait(lambda: not any(thread.name.startswith("video ") for thread in threading.enumerate()))
    wait(lambda: jobs(place) == [])


def jobs(place: Workspace) -> list[Path]:
    return list(place.folder.glob("job-*"))


def test_two_at_once_do_not_disturb_each_other(desk: VideoDesk, place: Workspace, request_: VideoRequest) -> None:
    up = film(tuple(i / 10 for i in range(10)), frames=[numbered(i) for i in range(10)])
    down = film(tuple(i / 10 for i in range(14)), frames=[numbered(14 - i) for i in range(14)])
    runs = [desk.start(owner, request_, data) for owner, data in (("ann", up), ("ben", down))]
    assert all(run.join(300) for run in runs)
    assert [run.standing().state for run in runs] == ["finished", "finished"]
    seen = [[number_of(f.pixels) for f in frames(run.outputs.video, probe(run.outputs.video))] for run in runs]
    assert seen == [list(range(10)), [14 - i for i in range(14)]]
    assert len(jobs(place)) == 2
    assert sorted(path.name for path in jobs(place)[0].iterdir()) == [
        "annotated.csv",
        "annotated.json",
        "annotated.mp4",
    ]
    end = runs[1].standing()
    assert (end.done, end.total, end.share, end.seconds_left) == (14, 14, 1.0, None)
    assert end.fps > 0
    assert end.preview is not None
    assert end.preview.startswith(b"\xff\xd8\xff")
    assert desk.of("ann") is runs[0]
    assert desk.of("cat") is None


def test_a_third_is_told_to_wait_and_the_same_visitor_too(
    desk: VideoDesk, place: Workspace, request_: VideoRequest
) -> None:
    runs = [desk.start(owner, request_, LONG) for owner in ("ann", "ben")]
    wait(lambda: all(run.standing().done > 1 for run in runs))
    with pytest.raises(UsageError, match="Your video is still under way; cancel it"):
        desk.start("ann", request_, LONG)
    with pytest.raises(
        UsageError, match=r"2 videos are under way, as many as this machine takes; try again .* in about"
    ):
        desk.start("cat", request_, LONG)
    assert len(jobs(place)) == 2  # whoever is refused leaves nothing behind


def test_cancelling_keeps_what_was_done(desk: VideoDesk, place: Workspace, request_: VideoRequest) -> None:
    run = desk.start("ann", request_, LONG)
    wait(lambda: run.standing().done >= 3)
    now = run.standing()
    assert now.active
    assert now.total == 400
    assert now.seconds_left is not None
    run.cancel("Cancelled.")
    assert run.join(60)
    assert (run.standing().state, run.standing().message) == ("cancelled", "Cancelled.")
    assert run.has_result
    assert 3 <= probe(run.outputs.video).frames == run.standing().done < 400
    # The next one takes its place on the disk too.
    second = desk.start("ann", request_, film())
    assert second.join(120)
    assert len(jobs(place)) == 1


def test_pause_and_go_on(desk: VideoDesk, request_: VideoRequest) -> None:
    run = desk.start("ann", request_, LONG)
    wait(lambda: run.standing().done >= 2)
    run.pause()
    held = run.standing()
    time.sleep(1.5)
    assert run.standing().state == "paused"
    assert run.standing().done <= held.done + 1  # the frame at hand still ends
    assert run.standing().seconds == held.seconds
    run.resume()
    wait(lambda: run.standing().done > held.done + 1)


def test_a_broken_film_fails_with_a_sentence_and_leaves_no_files(
    desk: VideoDesk, place: Workspace, request_: VideoRequest
) -> None:
    run = desk.start("ann", request_, film()[:700])
    assert run.join(60)
    assert run.standing().state == "failed"
    assert run.standing().message.endswith("export or download it again.")
    assert not run.has_result
    assert jobs(place) == []


def test_a_film_cut_short_says_so(desk: VideoDesk, request_: VideoRequest) -> None:
    noise = [np.random.default_rng(i).integers(0, 255, (96, 128, 3), np.uint8) for i in range(20)]
    data = film(tuple(i / 10 for i in range(20)), frames=noise)
    run = desk.start("ann", request_, data[: len(data) // 2])
    assert run.join(120)
    assert run.standing().state == "finished"
    assert "cut short" in run.standing().message


def test_forgetting_a_running_one_ends_it_and_removes_its_files(
    desk: VideoDesk, place: Workspace, request_: VideoRequest
) -> None:
    run = desk.start("ann", request_, LONG)
    wait(lambda: run.standing().done >= 1)
    desk.forget("ann")
    assert run.join(60)
    assert jobs(place) == []
    assert desk.of("ann") is None


def test_whoever_leaves_is_not_worked_for_for_ever_and_leaves_nothing(place: Workspace, request_: VideoRequest) -> None:
    desk = VideoDesk(gone_after=0.2, place=place)
    here = threading.Event()
    here.set()
    run = desk.start("ann", request_, LONG, alive=here.is_set)
    wait(lambda: run.standing().done >= 2)
    here.clear()
    assert run.join(60)
    assert run.standing().message == "Ended because its page was closed."
    wait(lambda: jobs(place) == [], 30)  # without anybody asking the desk


def test_a_run_that_nobody_forgets_stays_while_its_owner_is_there(place: Workspace, request_: VideoRequest) -> None:
    desk = VideoDesk(gone_after=0.1, place=place)
    run = desk.start("ann", request_, film((0.0, 0.1)))
    assert run.join(60)
    time.sleep(0.5)
    assert desk.of("ann") is run
    assert run.outputs.video.exists()
    desk.close()


def test_the_film_itself_is_never_on_the_disk(place: Workspace, request_: VideoRequest) -> None:
    run = VideoRun(request_, film((0.0, 0.1)), place=place)
    assert [path.name for path in run.outputs.video.parent.iterdir()] == []
    run.discard()
