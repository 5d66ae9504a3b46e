"""The laboratory page with real networks: test images, drawings, bad pictures, figures, and a training."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image as PilImage
from streamlit.testing.v1 import AppTest

from cvdemo.fashion_samples import fashion_samples
from cvdemo.training import live
from cvdemo.training.desk import desk
from cvdemo.training.fashion_mnist import find_fashion_mnist
from cvdemo.ui.lab import drawing
from tests.conftest import need
from tests.pages.conftest import component_data, shown_text
from tests.training.synthetic import garments

Open = Callable[..., AppTest]


def tiles(at: AppTest, label: str) -> dict[str, Any]:
    """What the row of small pictures with that label was told."""
    import json

    for element in at.get("bidi_component"):
        if element.proto.component_name == "cvdemo.tiles":
            data: dict[str, Any] = json.loads(element.proto.json or element.proto.mixed.json)
            if data["label"] == label:
                return data
    raise AssertionError(f"the page shows no {label}")


def shown_labels(at: AppTest) -> list[int]:
    return [int(fashion_samples().labels[int(tile["key"])]) for tile in tiles(at, "Test images")["tiles"]]


def test_first_visit_shows_an_answer(open_page: Open) -> None:
    at = open_page("fashion_lab")
    assert "T-shirt/top" in at.subheader[0].value
    assert "it is labelled T-shirt/top" in shown_text(at)
    assert len(shown_labels(at)) == 60
    assert "%" in at.get("plotly_chart")[0].proto.spec
    assert component_data(at, "timing")["parts"][1]["seconds"] > 0


def test_filters_leave_what_was_asked_for(open_page: Open) -> None:
    at = open_page("fashion_lab")
    at.selectbox(key="lab-kind").set_value("shirt").run()
    assert set(shown_labels(at)) == {6}
    at.segmented_control(key="lab-outcome").set_value("Wrong").run()
    wrong = tiles(at, "Test images")["tiles"]
    assert wrong
    assert all(tile["wrong"] and "taken for" in tile["alt"] for tile in wrong)
    at.segmented_control(key="lab-order").set_value("Surest first").run()
    shares = [float(tile["alt"].split(", ")[-1].split()[0]) for tile in tiles(at, "Test images")["tiles"]]
    assert shares == sorted(shares, reverse=True)
    assert "Wrong" in shown_text(at)


def test_a_range_of_confidence_leaves_what_lies_in_it(open_page: Open) -> None:
    at = open_page("fashion_lab")
    at.slider(key="lab-confidence").set_value((40, 60)).run()
    shares = [float(tile["alt"].split(", ")[-1].split()[0]) for tile in tiles(at, "Test images")["tiles"]]
    assert shares
    assert all(39.5 <= share <= 60.5 for share in shares)


def test_a_photo_without_a_garment_is_only_answered_with_a_warning(open_page: Open) -> None:
    at = open_page("fashion_lab", source="photo", sample="cat")
    assert any("may mean nothing" in w.value or "could not be told" in w.value for w in at.warning)
    assert at.subheader[0].value.startswith("If it is a garment")
    assert [tile["caption"][:2] for tile in tiles(at, "Preparation")["tiles"]] == ["1.", "2.", "3.", "4.", "5."]


def test_a_worn_garment_is_cut_out_before_it_is_named(open_page: Open) -> None:
    at = open_page("fashion_lab", source="photo", sample="photographer")
    choice = next(group for group in at.segmented_control if group.label == "Look at")
    assert choice.value == "outerwear"
    assert {"trousers", "the whole photo"} <= set(choice.options) | {o.lower() for o in choice.options}
    coat = tiles(at, "Preparation")["tiles"][0]["src"]
    choice.set_value("the whole photo").run()
    assert not at.exception
    assert tiles(at, "Preparation")["tiles"][0]["src"] != coat


@pytest.mark.parametrize(
    ("size", "color", "words"),
    [
        ((600, 400), "white", "Nothing stands out"),
        ((600, 400), "black", "Nothing stands out"),
        ((1, 1), "red", "1 × 1"),
    ],
)
def test_an_upload_that_shows_nothing_gets_a_sentence(
    open_page: Open, size: tuple[int, int], color: str, words: str
) -> None:
    stream = io.BytesIO()
    PilImage.new("RGB", size, color).save(stream, "PNG")
    at = open_page("fashion_lab", source="photo")
    at.file_uploader[0].set_value(("bad.png", stream.getvalue(), "image/png")).run()
    assert not at.exception
    assert [words in w.value for w in at.warning] == [True]
    assert not at.get("plotly_chart")


def test_the_sheet_starts_with_a_garment_to_change(open_page: Open) -> None:
    at = open_page("fashion_lab", source="draw")
    assert component_data(at, "garment_canvas")["base"].startswith("data:image/png")
    assert "bag" in at.subheader[0].value


def test_what_comes_from_the_sheet_is_checked() -> None:
    stream = io.BytesIO()
    PilImage.fromarray(fashion_samples().images[0]).resize((280, 280)).save(stream, "PNG")
    url = "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
    assert drawing._decoded(url).size_hw == (280, 280)
    for bad in (None, 7, "", "data:text/html;base64,AAAA", "data:image/png;base64,%%%", url + "A" * 2_000_000):
        with pytest.raises(Exception, match=r"stroke\.|JPEG or PNG"):
            drawing._decoded(bad)


def test_figures_of_the_network(open_page: Open) -> None:
    at = open_page("fashion_lab", tab="quality")
    text = shown_text(at)
    assert "of the 10,000 test images are named right" in text
    assert "warns needlessly about" in text
    table = at.dataframe[0].value
    assert list(table["Kind"])[6] == "shirt"
    assert table["Recall"].between(0.5, 1).all()
    assert "changed at random each time" in text
    charts = [chart.proto.spec for chart in at.get("plotly_chart")]
    assert any('"heatmap"' in chart for chart in charts)
    points = component_data(at, "garment_map")
    assert len(points["places"]) == len(points["labels"]) == 1000


def test_choosing_a_mistake_shows_its_images(open_page: Open) -> None:
    at = open_page("fashion_lab", tab="quality")
    pair = next(button for button in at.button if button.key.startswith("lab-pair-"))
    pair.click().run()
    assert not at.exception
    true, said = (int(part) for part in pair.key.split("-")[-2:])
    assert (true, said) == at.session_state["lab_cell"]
    assert f"**{drawing.FASHION[true]} taken for {drawing.FASHION[said]}**" in shown_text(at)


@pytest.fixture
def small_data(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trainings work on made-up garments, so that one takes a moment; none is left behind."""
    monkeypatch.setattr(live, "training_data", lambda: (garments(2000), garments(300, seed=1)))
    yield
    desk().close()


def test_train_use_and_download(open_page: Open, small_data: None) -> None:
    need(find_fashion_mnist() is not None, "Fashion-MNIST")
    at = open_page("fashion_lab", tab="train")
    at.selectbox(key="lab-train-model").set_value("article-cnn")
    at.select_slider(key="lab-train-images").set_value(2000)
    at.slider(key="lab-train-epochs").set_value(2).run()
    at.button(key="lab-train-start").click().run()
    assert not at.exception
    assert "Training article-cnn" in shown_text(at)
    at.button(key="lab-pause").click().run()
    assert "paused" in shown_text(at)
    at.button(key="lab-resume").click().run()
    end = time.monotonic() + 120
    while at.query_params.get("training") and "is trained" not in shown_text(at):
        assert time.monotonic() < end
        time.sleep(0.5)
        at.run()
    assert [button.label for button in at.get("download_button")] == ["Download (safetensors)"]
    at.button(key="lab-use").click().run()
    assert not at.exception
    assert at.selectbox(key="lab-network").value == "mine"


def test_another_visitor_does_not_see_it(open_page: Open, small_data: None) -> None:
    need(find_fashion_mnist() is not None, "Fashion-MNIST")
    mine = open_page("fashion_lab", tab="train")
    mine.button(key="lab-train-start").click().run()
    assert "Training" in shown_text(mine)
    other = open_page("fashion_lab", tab="train")
    assert not any(button.key == "lab-cancel" for button in other.button)
    mine.button(key="lab-cancel").click().run()
    assert "cancelled" in shown_text(mine)


def test_a_third_training_is_told_to_wait(open_page: Open, small_data: None) -> None:
    need(find_fashion_mnist() is not None, "Fashion-MNIST")
    for number in range(3):
        at = open_page("fashion_lab", tab="train")
        at.slider(key="lab-train-epochs").set_value(30).run()
        at.button(key="lab-train-start").click().run()
        assert not at.exception
        assert ("as many as this machine takes" in shown_text(at)) == (number == 2)


def test_without_the_data_set_the_page_says_what_is_missing(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cvdemo.ui.lab.training.find_fashion_mnist", lambda: None)
    at = open_page("fashion_lab", tab="train")
    assert "test images, and those are never trained on" in shown_text(at)
    assert any(button.key == "lab-fetch" for button in at.button)


def test_nonsense_in_a_link_is_ignored(open_page: Open) -> None:
    at = open_page("fashion_lab", source="nonsense", model="resnet", tab="nowhere", training="somebody's")
    assert "T-shirt/top" in at.subheader[0].value
    assert np.isfinite(component_data(at, "timing")["parts"][1]["seconds"])
