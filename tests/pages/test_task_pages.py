"""Every task page with a real upload: the answer is about the uploaded picture, and settings never run a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cvdemo.engine import engine
from cvdemo.settings import settings
from tests.pages.conftest import component_data, shown_text

Open = Callable[..., AppTest]
Upload = Callable[[AppTest, str, bytes], AppTest]
TASK_PAGES = ("classify", "detect", "segment", "pose")


@pytest.mark.parametrize("page", TASK_PAGES)
def test_first_visit_shows_a_finished_result(open_page: Open, page: str) -> None:
    at = open_page(page)
    view = component_data(at, "result_view")
    assert "pending" not in view
    assert view["picture"]["src"].startswith("data:image/jpeg;base64,")
    assert component_data(at, "timing")["parts"][1]["seconds"] > 0
    assert len(component_data(at, "inside_view")["stages"]) >= 3


@pytest.mark.parametrize("page", TASK_PAGES)
def test_upload_becomes_the_picture(open_page: Open, upload: Upload, photo: bytes, page: str) -> None:
    at = upload(open_page(page), "my street.jpg", photo)
    picture = component_data(at, "result_view")["picture"]
    assert (picture["width"], picture["height"]) == (600, 800)
    tiles = component_data(at, "source_strip")
    assert tiles["current"] == tiles["tiles"][-1]["key"]
    assert "sample" not in at.query_params


def test_detects_people_and_the_bus_in_an_upload(open_page: Open, upload: Upload, photo: bytes) -> None:
    items = component_data(upload(open_page("detect"), "street.jpg", photo), "result_view")["items"]
    sure = [item["name"] for item in items if item["score"] >= 0.3]
    assert sure.count("bus") == 1
    assert sure.count("person") >= 3
    assert all(0 <= item["box"][0] <= item["box"][2] <= 600 for item in items)


def test_finds_poses_in_an_upload(open_page: Open, upload: Upload, photo: bytes) -> None:
    view = component_data(upload(open_page("pose"), "street.jpg", photo), "result_view")
    people = [item for item in view["items"] if item["score"] >= 0.2]
    assert len(people) >= 2
    assert all(len(person["joints"]) == len(view["joints"]) == 17 for person in people)


def test_classifies_an_upload(open_page: Open, upload: Upload, photo: bytes) -> None:
    at = upload(open_page("classify"), "street.jpg", photo)
    assert "bus" in at.subheader[0].value
    assert "bus" in at.get("plotly_chart")[0].proto.spec


def test_segments_an_upload(open_page: Open, upload: Upload, photo: bytes) -> None:
    mask = component_data(upload(open_page("segment"), "street.jpg", photo), "result_view")["mask"]
    assert sum(entry["share"] for entry in mask["classes"]) == pytest.approx(1)
    assert {entry["name"] for entry in mask["classes"] if entry["share"] > 0.02} >= {"building", "car"}


def test_picture_follows_to_the_other_pages(open_page: Open, upload: Upload, photo: bytes) -> None:
    at = upload(open_page("detect"), "street.jpg", photo)
    at.switch_page("pose.py").run()
    assert component_data(at, "result_view")["picture"]["width"] == 600


def test_unreadable_upload_is_one_sentence_and_the_result_stays(open_page: Open, upload: Upload) -> None:
    at = upload(open_page("detect"), "notes.jpg", b"these are my notes")
    assert "save it as JPEG or PNG" in shown_text(at).replace("\\", "")
    assert component_data(at, "result_view")["picture"]["name"] == "Street"


def test_settings_never_run_the_network(open_page: Open) -> None:
    at = open_page("detect", sample="coffee")
    before = engine().forward_count
    for score in ("0.1", "0.6"):
        at.query_params["score"] = score
        at.run()
        assert component_data(at, "result_view")["picture"]["name"] == "Coffee"
    assert engine().forward_count == before


def test_link_restores_model_picture_and_settings(open_page: Open) -> None:
    at = open_page("detect", model="nanodet", sample="motorcycle", score="0.55", only="motorcycle,person")
    view = component_data(at, "result_view")
    assert at.selectbox[0].value == "nanodet"
    assert view["picture"]["name"] == "Motorcycle"
    assert view["initial"]["score"] == 0.55
    assert view["initial"]["only"] == [0, 3]
    assert at.query_params["score"] == "0.55"


def test_nonsense_in_a_link_is_ignored(open_page: Open) -> None:
    at = open_page("detect", model="yolo9000", sample="../../etc/passwd", score="high", layer="none.such")
    view = component_data(at, "result_view")
    assert at.selectbox[0].value == "centernet"
    assert view["initial"]["score"] == 0.3
    assert view["picture"]["name"] == "Street"


def test_settings_outlive_a_visit_to_another_page(open_page: Open) -> None:
    at = open_page("detect", model="nanodet", score="0.5")
    at.switch_page("pose.py").run()
    at.switch_page("detect.py").run()
    assert at.selectbox[0].value == "nanodet"
    assert component_data(at, "result_view")["initial"]["score"] == 0.5


def test_a_model_that_is_not_here_is_not_offered_and_a_link_to_it_says_why(open_page: Open) -> None:
    at = open_page("detect", model="yolo11n")
    assert "yolo11n" not in at.selectbox[0].options
    assert "fetch it on the page Models" in shown_text(at)
    assert component_data(at, "inside_view")["key"].startswith("centernet:")


def test_missing_weights_are_one_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    elsewhere = replace(settings(), weights_dir=tmp_path)
    monkeypatch.setattr("cvdemo.weights.settings", lambda: elsewhere)
    at = open_page("detect", sample="rocket")
    assert "weights folder" in shown_text(at)


@pytest.mark.parametrize("page", TASK_PAGES)
def test_downloads_offer_picture_data_and_table(open_page: Open, page: str) -> None:
    labels = [button.label for button in open_page(page).get("download_button")]
    assert any("PNG" in label for label in labels)
    assert any("JSON" in label for label in labels)
    assert any("CSV" in label for label in labels)


def test_home_shows_four_results(open_page: Open) -> None:
    cards = component_data(open_page("home"), "result_cards")["cards"]
    assert [card["page"] for card in cards] == list(TASK_PAGES)
    assert not any(card.get("pending") for card in cards)
    assert "bus" in cards[0]["said"]
    assert "1 bus" in cards[1]["said"]
