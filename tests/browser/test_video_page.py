"""The video page in a browser: a clip is processed, and the film that comes out plays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Visit
from tests.video.films import film

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
WAIT = 240_000


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A second of film, larger than the smallest player."""
    path = tmp_path / "my clip.mp4"
    path.write_bytes(film(size_hw=(240, 320)))
    return path


def play(page: Any) -> dict[str, Any]:
    """Play the only video of the page for a moment; what it says of itself."""
    player = page.locator("video")
    player.wait_for(timeout=WAIT)
    told: dict[str, Any] = player.evaluate(
        """async (video) => {
          video.muted = true;
          const loaded = new Promise((done) => video.addEventListener("loadeddata", done, { once: true }));
          if (video.readyState < 2) await loaded;
          await video.play();
          await new Promise((done) => setTimeout(done, 400));
          return { ready: video.readyState, duration: video.duration, at: video.currentTime,
                   width: video.videoWidth, height: video.videoHeight, error: video.error && video.error.message };
        }"""
    )
    return told


def test_an_uploaded_clip_becomes_a_film_that_plays_and_can_be_kept(visit: Open, clip: Path, tmp_path: Path) -> None:
    tab = visit("video?task=detect&model=nanodet")
    page = tab.page
    page.get_by_role("button", name="Start").wait_for(timeout=WAIT)
    page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(str(clip))
    page.get_by_text("320 × 240 pixels").wait_for(timeout=WAIT)
    assert play(page)["width"] == 320
    page.get_by_role("button", name="Start").click()
    page.get_by_text("Detect on my clip.mp4").wait_for(timeout=WAIT)
    page.get_by_role("button", name="Film (MP4)").wait_for(timeout=WAIT)
    told = play(page)
    assert told["error"] is None
    assert told["ready"] >= 2
    assert told["duration"] == pytest.approx(0.8, abs=0.1)
    assert (told["width"], told["height"]) == (320, 240)
    assert told["at"] > 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Film (MP4)").click()
    kept = tmp_path / "kept.mp4"
    download.value.save_as(kept)
    assert download.value.suggested_filename == "my-clip-nanodet.mp4"
    assert kept.read_bytes()[4:8] == b"ftyp"
    # A reload finds it again.
    page.reload()
    page.get_by_role("button", name="Film (MP4)").wait_for(timeout=WAIT)
    assert tab.errors == []
    assert tab.outside() == []


def test_the_latest_frame_is_shown_while_it_works_and_cancel_ends_it(visit: Open) -> None:
    tab = visit("video?task=detect&model=nanodet")
    page = tab.page
    page.get_by_role("button", name="Start").click(timeout=WAIT)
    page.locator("img.video-preview").wait_for(timeout=WAIT)
    assert page.locator("img.video-preview").evaluate("image => image.naturalWidth") == 640
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled; this is what was done until then").wait_for(timeout=WAIT)
    assert play(page)["ready"] >= 2
    assert tab.errors == []
