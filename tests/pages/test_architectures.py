"""The architectures page with real modules, real measurements and downloads that go wrong."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cvdemo import downloads
from cvdemo.architectures.catalogue import ARCHITECTURES, Architecture
from cvdemo.registry import REGISTRY
from cvdemo.settings import settings
from cvdemo.ui import descendants, fetch

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")


def _page(**query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=300)
    app.switch_page("architectures.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def _told(app: AppTest, name: str) -> dict[str, Any]:
    """What a component was told in the last run."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == f"cvdemo.{name}":
            data: dict[str, Any] = json.loads(element.proto.json or element.proto.mixed.json)
            return data
    raise AssertionError(f"the page shows no {name}")


def _text(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in (*app.markdown, *app.subheader, *app.caption))


@pytest.fixture
def folder(tmp_path: Path, fresh_settings: pytest.MonkeyPatch) -> Path:
    """A weights folder with nothing but the manifest."""
    shutil.copy(settings().weights_dir / "manifest.json", tmp_path)
    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path


@pytest.mark.parametrize("entry", ARCHITECTURES, ids=lambda entry: entry.name)
def test_every_network_shows_idea_anatomy_and_measured_cost(entry: Architecture) -> None:
    app = _page(network=entry.name)
    assert entry.idea in _text(app)
    facts = {fact["label"]: fact["value"] for fact in _told(app, "facts")["facts"]}
    assert not any(fact["pending"] for fact in _told(app, "facts")["facts"])
    assert any(label.startswith("in torch") and value.endswith("s") for label, value in facts.items())
    blocks = _told(app, "stage_diagram")["blocks"]
    assert sum(block["weightShare"] for block in blocks) == pytest.approx(1)
    assert sum(block["workShare"] for block in blocks) == pytest.approx(1)
    assert len(app.dataframe[0].value) > len(blocks)


def test_without_weights_there_is_a_way_to_get_them_and_no_prediction(folder: Path) -> None:
    app = _page(network="googlenet")
    assert "shown without its weights" in _text(app)
    assert [button.label for button in app.button if button.label.startswith("Download")] == ["Download 52 MB"]
    charts = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert len(charts) == 1, "only the chart of the family: no bars of probabilities"


def test_with_weights_it_says_what_it_sees() -> None:
    app = _page(network="efficientnet-lite0", sample="coffee")
    assert any("espresso" in str(part.value) for part in app.subheader)


def test_a_link_opens_a_network_and_another_choice_is_kept() -> None:
    app = _page(network="alexnet", sample="cat")
    app.segmented_control[0].set_value("efficientnet-lite0").run()
    assert app.query_params["network"] == "efficientnet-lite0"
    app.switch_page("home.py").run()
    app.switch_page("architectures.py").run()
    assert not app.exception
    assert "EfficientNet-Lite0, 2020" in _text(app)
    assert "nonsense" not in _text(_page(network="nonsense"))


class _WrongFile(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "9")
        self.end_headers()
        self.wfile.write(b"not a net")

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def wrong_file() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _WrongFile)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}/googlenet-1378be20.pth"
    httpd.shutdown()


def _ask(app: AppTest, folder: Path) -> AppTest:
    """Press the button and wait until the download is over."""
    next(button for button in app.button if button.label.startswith("Download")).click().run()
    job = downloads.job_for(folder / "official" / "googlenet-1378be20.pth")
    assert job is not None
    end = time.monotonic() + 20
    while not job.finished and time.monotonic() < end:
        time.sleep(0.05)
    app.run()
    assert not app.exception
    return app


def test_no_internet_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(fetch, "_start", lambda url, *rest: downloads.start("http://127.0.0.1:9/x", *rest) and None)
    app = _ask(_page(network="googlenet"), folder)
    assert "cannot be reached; check the internet connection and try again" in _text(app).replace("\\", "")
    assert any(button.label == "Download 52 MB" for button in app.button)


def test_a_wrong_file_is_one_sentence_and_stays_away(
    folder: Path, wrong_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(fetch, "_start", lambda url, *rest: downloads.start(wrong_file, *rest) and None)
    app = _ask(_page(network="googlenet"), folder)
    assert "SHA-256 differs" in _text(app).replace("\\", "")
    assert not any((folder / "official").iterdir())


def test_a_damaged_file_is_one_sentence_with_the_way_to_a_good_one(folder: Path) -> None:
    (folder / "official").mkdir()
    (folder / "official" / "googlenet-1378be20.pth").write_bytes(b"broken")
    app = _page(network="googlenet")
    assert "damaged" in _text(app)
    assert any(button.label == "Download 52 MB" for button in app.button)


def test_progress_in_words() -> None:
    job = downloads.Job(Path("x"), total=233_000_000)
    assert fetch.progress_text(job) == "Connecting"
    job.done = 12_100_000
    assert fetch.progress_text(job) == "12.1 MB of 233.0 MB"
    job.began -= 10
    assert fetch.progress_text(job) == "12.1 MB of 233.0 MB, 1.2 MB/s, 3 min left"


def test_the_descendant_judges_one_garment_of_each_kind() -> None:
    spec = REGISTRY.get("fashion-nano")
    rows = descendants.garments(spec, spec.weights)
    assert [row["truth"] for row in rows] == list(spec.class_names)
    assert sum(row["right"] for row in rows) >= 7
