"""The live page in Chromium, whose fake camera plays a film of a real photo: answers are drawn, nothing stays on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PILImage

from benchmarks.fake_camera import flags, write_film
from tests.browser.learn_app import served
from tests.conftest import CHROMIUM, need

pytestmark = pytest.mark.browser
#: Of the overlay: how many of its pixels are painted.
PAINTED = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
    return count;
}"""


@dataclass
class Tab:
    """A visitor's tab. sockets: those to the live route, open and closed."""

    page: Any
    sockets: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def start(self, name: str = "Start the camera", state: str = "running") -> None:
        self.page.get_by_role("button", name=name).click()
        self.wait_for(state)

    def wait_for(self, state: str) -> None:
        self.page.locator(f'.root[data-state="{state}"]').wait_for()

    def answers(self) -> int:
        return int(self.page.locator(".root[data-state]").get_attribute("data-answers") or 0)

    def more_answers(self, count: int = 2) -> None:
        """Wait for that many further answers."""
        goal = self.answers() + count
        handle = self.page.locator(".root[data-state]").element_handle()
        self.page.wait_for_function("([root, goal]) => Number(root.dataset.answers ?? 0) >= goal", arg=[handle, goal])

    def wait_until_painted(self, pixels: int) -> None:
        """Wait until so many pixels of the overlay are painted; what it shows changes with every answer."""
        canvas = self.page.locator("canvas.overlay").element_handle()
        self.page.wait_for_function(f"([canvas, least]) => ({PAINTED})(canvas) > least", arg=[canvas, pixels])

    def choose(self, task: str) -> None:
        self.page.get_by_role("radio", name=task, exact=True).click()

    def headline(self) -> str:
        text: str = self.page.locator(".answer .headline").inner_text()
        return text

    def wait_for_headline(self, pattern: str) -> None:
        self.page.locator(".answer .headline", has_text=re.compile(pattern)).wait_for()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The app with one place for live visitors."""
    with served(CVDEMO_LIVE_USERS="1", CVDEMO_LIVE_IDLE_S="30") as url:
        yield url


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium with the film as its camera."""
    need(CHROMIUM.exists(), "chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    film = write_film(tmp_path_factory.mktemp("film") / "street.mjpeg", frames=20)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags(film))
        yield browser
        browser.close()


@pytest.fixture
def visit(address: str, chromium: Any) -> Iterator[Callable[..., Tab]]:
    """Open the live page in a context of its own; init: JavaScript that runs before the page's."""
    contexts = []

    def open_it(init: str = "", prepare: Callable[[Any], None] | None = None) -> Tab:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, permissions=["camera"])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(180_000)
        tab = Tab(page)
        page.on("pageerror", lambda error: tab.errors.append(str(error)))
        page.on("websocket", lambda socket: tab.sockets.append(socket) if "/api/live" in socket.url else None)
        if init:
            page.add_init_script(init)
        if prepare:
            prepare(page)
        page.goto(f"{address}/live")
        return tab

    yield open_it
    for context in contexts:
        context.close()


def test_every_task_is_answered_and_drawn_over_one_connection(visit: Callable[..., Tab]) -> None:
    tab = visit()
    tab.start()
    expected = {"Pose": r"\d (person|people)", "Detect": "bus", "Segment": r"\d %", "Classify": r"\d+(\.\d)? %"}
    for task, words in expected.items():
        tab.choose(task)
        tab.wait_for_headline(words)
        tab.more_answers()
        tab.wait_until_painted(200)
        tab.page.get_by_role("img", name=re.compile(words)).first.wait_for()
    assert len(tab.sockets) == 1
    # A rate takes two answers of the same network.
    tab.more_answers(2)
    tab.page.locator(".fps", has_text=re.compile("[1-9]")).wait_for()
    assert float(tab.page.locator(".trip").inner_text()) > 0
    assert "network" in tab.page.locator(".parts").inner_text()
    assert tab.errors == []


def test_leaving_closes_socket_and_camera_and_frees_the_place(visit: Callable[..., Tab]) -> None:
    first = visit()
    first.start()
    first.more_answers()
    first.page.locator("video").evaluate("video => { window.track = video.srcObject.getVideoTracks()[0]; }")
    assert first.page.evaluate("window.track.readyState") == "live"
    second = visit()
    second.start(state="queue")
    assert "You are next" in second.page.locator(".card").inner_text()
    first.page.get_by_role("link", name="Home").first.click()
    first.page.locator("video").wait_for(state="detached")
    first.page.wait_for_function("window.track.readyState === 'ended'")
    second.wait_for("running")
    second.more_answers()
    assert all(socket.is_closed() for socket in first.sockets)
    assert first.errors == second.errors == []


def test_a_rerun_of_the_page_does_not_disturb_the_stream(visit: Callable[..., Tab]) -> None:
    tab = visit()
    tab.start()
    tab.more_answers()
    tab.page.get_by_role("button", name="Snapshot").click()
    tab.page.get_by_text("The snapshot is now the picture of every page").wait_for()
    tab.more_answers(3)
    assert len(tab.sockets) == 1
    tab.page.get_by_role("link", name="Detect").last.click()
    tab.page.wait_for_selector('.frame.result:not(.pending) img[alt^="Live snapshot"]')
    assert tab.errors == []


def test_settings_reach_the_stream_and_stay_for_the_next_visit(visit: Callable[..., Tab]) -> None:
    tab = visit()
    tab.start()
    tab.choose("Detect")
    tab.wait_for_headline("bus")
    tab.page.get_by_label("Classes", exact=True).select_option("person")
    tab.wait_for_headline(r"^\d (person|people)$")
    tab.page.get_by_label("Score", exact=True).evaluate(
        "slider => { slider.value = 0.95; slider.dispatchEvent(new Event('input')); }"
    )
    tab.wait_for_headline("Nothing")
    assert len(tab.sockets) == 1
    tab.page.wait_for_timeout(1500)  # choices are handed to the server when they have rested
    tab.page.get_by_role("link", name="Home").first.click()
    tab.page.locator("video").wait_for(state="detached")
    tab.page.get_by_role("link", name="Live webcam").click()
    tab.page.get_by_role("button", name="Start the camera").wait_for()
    assert tab.page.get_by_role("radio", name="Detect", exact=True).get_attribute("aria-checked") == "true"


def test_feature_maps_move(visit: Callable[..., Tab]) -> None:
    tab = visit()
    tab.start()
    tab.choose("Detect")
    tab.page.get_by_role("checkbox", name="Feature maps").click()
    tiles = tab.page.locator(".tile canvas")
    tiles.first.wait_for()
    assert tiles.count() == 12
    before = tiles.first.evaluate("canvas => canvas.toDataURL()")
    tab.more_answers(3)
    assert tiles.first.evaluate("canvas => canvas.toDataURL()") != before
    tab.page.locator(".tile").nth(2).click()
    everywhere = "canvas => canvas.width * canvas.height"
    tab.wait_until_painted(0.9 * tab.page.locator("canvas.overlay").evaluate(everywhere))
    tab.page.get_by_label("Layer", exact=True).select_option(index=1)
    tab.page.locator(".strip .caption", has_text="backbone.stage1").first.wait_for()
    assert tab.errors == []


def test_pause_stops_sending_and_a_clip_is_recorded(visit: Callable[..., Tab]) -> None:
    tab = visit()
    tab.start()
    tab.more_answers()
    tab.page.get_by_role("button", name="Record").click()
    tab.more_answers(2)
    tab.page.wait_for_timeout(2000)
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Stop recording").click()
    assert re.fullmatch(r"cvdemo-live\.(mp4|webm)", download.value.suggested_filename)
    assert Path(download.value.path()).stat().st_size > 10_000
    tab.page.get_by_role("button", name="Pause").click()
    tab.wait_for("paused")
    tab.page.wait_for_timeout(1500)  # the answer on its way may still come
    count = tab.answers()
    tab.page.wait_for_timeout(2000)
    assert tab.answers() == count
    tab.page.get_by_role("button", name="Go on").click()
    tab.more_answers()


REFUSING = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{}'));"


@pytest.mark.parametrize(
    ("init", "state", "words"),
    [
        (REFUSING.format("NotAllowedError"), "denied", "beside the address"),
        (REFUSING.format("NotFoundError"), "none", "No camera was found"),
        (REFUSING.format("NotReadableError"), "used", "Another program"),
        ("Object.defineProperty(window, 'isSecureContext', { value: false });", "insecure", "https://"),
    ],
)
def test_what_keeps_the_camera_away_is_explained(visit: Callable[..., Tab], init: str, state: str, words: str) -> None:
    tab = visit(init)
    tab.start(state=state)
    assert words in tab.page.locator(".card").inner_text()
    assert tab.sockets == []
    assert tab.page.get_by_role("button", name="Start again").is_visible()


def test_without_a_camera_a_sample_picture_moves(visit: Callable[..., Tab]) -> None:
    tab = visit(REFUSING.format("NotFoundError"))
    tab.start(state="none")
    tab.start("Use a sample picture")
    tab.wait_for_headline(r"\d (person|people)")


def test_a_lost_connection_comes_back_by_itself(visit: Callable[..., Tab]) -> None:
    routes: list[Any] = []

    def route(page: Any) -> None:
        page.route_web_socket(
            re.compile("/api/live"), lambda socket: routes.append((socket, socket.connect_to_server()))
        )

    tab = visit(prepare=route)
    tab.start()
    tab.more_answers()
    browser_side, server_side = routes[0]
    server_side.close()
    browser_side.close(code=1012)
    tab.wait_for("lost")
    assert "Trying again" in tab.page.locator(".card").inner_text()
    tab.wait_for("running")
    tab.more_answers()
    assert len(routes) == 2


def test_phone_stacks_without_sideways_scrolling(visit: Callable[..., Tab], tmp_path: Path) -> None:
    tab = visit()
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.start()
    tab.more_answers()
    stage, side = tab.page.locator(".stage").bounding_box(), tab.page.locator(".side").bounding_box()
    assert side["y"] >= stage["y"] + stage["height"] - 1
    overflow = tab.page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")
    assert overflow <= 0
    shot = tmp_path / "phone.png"
    tab.page.screenshot(path=shot)
    assert PILImage.open(shot).size == (390, 844)
