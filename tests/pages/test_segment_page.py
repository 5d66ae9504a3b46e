"""The Segment page with its real networks: subject, panels, every control, and what they cost."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image as PilImage
from streamlit.testing.v1 import AppTest

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.imaging import image_from_pixels
from cvdemo.inspect import decoder
from cvdemo.registry import REGISTRY
from cvdemo.samples import load_sample
from cvdemo.tasks.certainty import Limit
from cvdemo.ui.segment import cutouts, doubt, drawing, walk
from tests.pages.conftest import component_data, shown_text

Open = Callable[..., AppTest]
Upload = Callable[[AppTest, str, bytes], AppTest]
TABS = ("Cut out, hide, replace", "U-Net beside FCN", "Inside the decoder", "What am I wearing")


@pytest.fixture
def open_tab(open_page: Open) -> Callable[..., AppTest]:
    """Open the page with one of its panels."""

    def open_it(tab: str, **query: str) -> AppTest:
        at = open_page("segment", **query)
        at.session_state["segment-panels"] = tab
        at.run()
        assert not at.exception, at.exception
        return at

    return open_it


def _press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception, at.exception
    return at


@pytest.mark.parametrize(
    ("sample", "said", "model", "class_name"),
    [
        ("street", "Streets: the detector sees things of the road", "unet-street", "road"),
        ("astronaut", "Clothes: a person covers", "unet-clothing", "skin"),
    ],
)
def test_subject_is_chosen_and_the_reason_said(
    open_page: Open, sample: str, said: str, model: str, class_name: str
) -> None:
    at = open_page("segment", sample=sample)
    assert said in shown_text(at).replace("\\", "")
    assert at.selectbox[0].value == model
    assert class_name in {entry["name"] for entry in component_data(at, "result_view")["mask"]["classes"]}


def test_subject_and_network_are_changed_by_hand(open_page: Open) -> None:
    at = open_page("segment", sample="street")
    at.segmented_control(key="segment-subject").set_value("clothes").run()
    assert at.selectbox[0].value == "unet-clothing"
    assert at.query_params["subject"] == "clothes"
    assert "Chosen by you" in shown_text(at)
    at.segmented_control(key="segment-subject").set_value("streets").run()
    at.selectbox[0].set_value("fcn-street").run()
    assert not at.exception
    assert component_data(at, "result_view")["key"].split(":")[1] == "fcn-street"
    at.segmented_control(key="segment-subject").set_value("auto").run()
    assert "subject" not in at.query_params
    assert "things of the road" in shown_text(at)


@pytest.mark.parametrize(
    ("query", "model"), [({"subject": "clothes"}, "unet-clothing"), ({"model": "fcn-street"}, "fcn-street")]
)
def test_a_link_to_a_subject_or_a_network_is_followed(open_page: Open, query: dict[str, str], model: str) -> None:
    assert open_page("segment", sample="street", **query).selectbox[0].value == model


def test_nothing_on_the_page_runs_the_network_again(open_page: Open) -> None:
    at = open_page("segment", sample="street")
    before = engine().forward_count
    at.query_params["opacity"] = "0.8"
    at.run()
    for action in ("pixelate", "blur", "background", "cut"):
        at.segmented_control(key="cutout-how").set_value(action).run()
        assert not at.exception, at.exception
    assert component_data(at, "result_view")["initial"]["opacity"] in (0.55, 0.8)
    assert engine().forward_count == before


def test_the_view_has_shares_best_classes_and_the_map_of_doubt(open_page: Open) -> None:
    view = component_data(open_page("segment", sample="street"), "result_view")
    assert view["controls"] == ["view", "paint", "opacity", "fade"]
    assert sum(entry["share"] for entry in view["mask"]["classes"]) == pytest.approx(1)
    assert all(view["mask"][part].startswith("data:image/png") for part in ("src", "best", "sure", "doubt"))


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    PilImage.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (np.full((200, 300, 3), 255, np.uint8), "hardly anything to see"),
        (np.zeros((200, 300, 3), np.uint8), "hardly anything to see"),
        (np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8), "nobody close was seen"),
    ],
    ids=["white", "black", "noise"],
)
def test_a_sure_answer_about_nothing_comes_with_a_notice(
    open_page: Open, upload: Upload, pixels: np.ndarray, said: str
) -> None:
    at = upload(open_page("segment"), "odd.png", _png(pixels))
    assert said in shown_text(at)


def test_doubt_is_said_also_where_no_limit_was_measured() -> None:
    limit = Limit(limit=0.1, stated=0.05, measured=0.2, pictures=101)
    assert "has not been measured" in doubt.near(0.04, None)
    assert "Up to 10 %" in doubt.near(0.04, limit)
    assert "street-fashion photos" in doubt.far(REGISTRY.get("unet-clothing"), 0.3, limit)


def test_a_photo_far_from_every_street_gets_the_notice(open_page: Open) -> None:
    at = open_page("segment", sample="coffee", subject="streets")
    assert "probably far from the road scenes" in shown_text(at).replace("\\", "")


def test_cutouts_offer_what_is_in_the_picture(open_page: Open) -> None:
    at = open_page("segment", sample="street")
    offered = at.pills[0].options
    assert offered[0] == "person"
    assert {"car", "road"} <= set(offered)
    preview = component_data(at, "side_by_side")["pictures"][0]
    assert preview["src"].startswith("data:image/jpeg")
    at.pills[0].set_value([]).run()
    assert "Choose at least one class" in shown_text(at)


def test_every_cutout_is_made_and_a_strange_background_is_one_sentence(open_page: Open) -> None:
    at = open_page("segment", sample="street")
    at.pills[0].set_value(["car"]).run()
    seen = {component_data(at, "side_by_side")["pictures"][0]["src"]}
    for action in ("pixelate", "blur", "background"):
        at.segmented_control(key="cutout-how").set_value(action).run()
        seen.add(component_data(at, "side_by_side")["pictures"][0]["src"])
    at.color_picker[0].set_value("#ff0000").run()
    seen.add(component_data(at, "side_by_side")["pictures"][0]["src"])
    at.segmented_control(key="cutout-background").set_value("blur").run()
    seen.add(component_data(at, "side_by_side")["pictures"][0]["src"])
    at.segmented_control(key="cutout-background").set_value("picture").run()
    uploader = next(each for each in at.file_uploader if each.label == "Background picture")
    uploader.set_value(("notes.png", b"no picture", "image/png")).run()
    assert "save it as JPEG or PNG" in shown_text(at).replace("\\", "")
    stream = io.BytesIO()
    PilImage.new("RGB", (50, 20), (0, 90, 0)).save(stream, "PNG")
    uploader = next(each for each in at.file_uploader if each.label == "Background picture")
    uploader.set_value(("green.png", stream.getvalue(), "image/png")).run()
    assert not at.exception
    seen.add(component_data(at, "side_by_side")["pictures"][0]["src"])
    assert len(seen) == 7


def test_comparison_says_how_far_both_agree(open_tab: Callable[..., AppTest]) -> None:
    at = open_tab(TABS[1], sample="street")
    pictures = component_data(at, "side_by_side")["pictures"]
    assert [picture["title"] for picture in pictures] == ["U-Net", "FCN-8s", "Difference"]
    image = load_sample("street")
    maps = [tasks.run(REGISTRY.get(name), image).result.class_map for name in ("unet-street", "fcn-street")]
    share = (maps[0] == maps[1]).mean() * 100
    assert f"agree on {share:.0f} %" in shown_text(at)
    at = open_tab(TABS[1], sample="astronaut")
    assert "no FCN was trained for clothes" in shown_text(at)


@pytest.mark.parametrize("sample", ["street", "astronaut"])
def test_the_walk_shows_every_stage_and_a_silent_skip_changes_the_mask(sample: str) -> None:
    spec = REGISTRY.get("unet-street" if sample == "street" else "unet-clothing")
    image = load_sample(sample)
    strides = [skip.stride for skip in decoder.skips_of(engine().module(spec))]
    usual = walk._usual(spec, image.sha256, image)
    whole = walk._drawn(spec, image.sha256, (), image, usual)
    told = walk.walk_data(spec, image, usual, (), whole)
    assert [row["stride"] for row in told["rows"] if row["skip"]] == sorted(strides)
    assert told["rows"][0]["stride"] == 1
    assert all(row["decoder"] for row in told["rows"][1:])
    assert told["said"][0] == "The usual mask"
    off = (strides[0],)
    silent = walk.walk_data(spec, image, usual, off, walk._drawn(spec, image.sha256, off, image, usual))
    assert silent["mask"]["src"] != told["mask"]["src"]
    assert silent["said"][0].endswith("of the pixels changed")
    assert silent["rows"][1]["decoder"]["src"] != told["rows"][1]["decoder"]["src"]
    assert silent["rows"][1]["encoder"]["src"] == told["rows"][1]["encoder"]["src"]


def test_the_walk_runs_only_when_its_tab_is_open_and_once_for_each_set_of_skips(
    open_tab: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = []
    look = decoder.look
    monkeypatch.setattr(decoder, "look", lambda *args: passes.append(args) or look(*args))
    walk._usual.clear()
    walk._drawn.clear()
    at = open_tab(TABS[0], sample="street")
    assert passes == []
    at.session_state["segment-panels"] = TABS[2]
    at.run()
    assert component_data(at, "unet_walk")["off"] == []
    opened = len(passes)
    assert opened <= 2
    at.run()
    assert len(passes) == opened
    _press(at, "Add the skips one by one")
    film = component_data(at, "side_by_side")["pictures"]
    strides = [skip.stride for skip in decoder.skips_of(engine().module(REGISTRY.get("unet-street")))]
    assert [picture["title"] for picture in film] == ["No skip", *(f"+ stride {stride}" for stride in strides)]
    assert len(passes) == opened + len(strides)


def test_the_fcn_has_no_walk_and_says_so(open_tab: Callable[..., AppTest]) -> None:
    assert "no decoder with skip connections" in shown_text(open_tab(TABS[2], sample="street", model="fcn-street"))


def test_what_am_i_wearing_has_both_answers_and_the_caveats(open_tab: Callable[..., AppTest]) -> None:
    at = open_tab(TABS[3], sample="astronaut")
    pieces = component_data(at, "worn_pieces")["pieces"]
    assert pieces
    assert all(piece["name"] and piece["kind"] and piece["prob"].endswith("%") for piece in pieces)
    assert all(piece["crop"].startswith("data:image/jpeg") for piece in pieces)
    assert "Read the second answer with care" in shown_text(at)
    at = _press(open_tab(TABS[3], sample="street"), "Look at the clothes")
    assert at.selectbox[0].value == "unet-clothing"


def test_strange_pictures_get_a_result(open_page: Open, upload: Upload) -> None:
    at = open_page("segment")
    values = np.random.default_rng(0).integers(0, 256, (400, 70, 4), dtype=np.uint8)
    for size, mode in (((1, 400), "RGB"), ((60, 1), "RGB"), ((70, 50), "L"), ((70, 50), "RGBA")):
        stream = io.BytesIO()
        PilImage.fromarray(values[: size[1], : size[0]], "RGBA").convert(mode).save(stream, "PNG")
        at = upload(at, "strange.png", stream.getvalue())
        picture = component_data(at, "result_view")["picture"]
        assert (picture["width"], picture["height"]) == size
        assert component_data(at, "side_by_side")["pictures"]


def test_small_pictures_and_masks_lie_on_each_other() -> None:
    class_map = np.zeros((300, 200), np.uint8)
    class_map[150:, 100:] = 1
    pixels = drawing.small(image_from_pixels(np.dstack([class_map * 255] * 3)), 90)
    assert pixels.shape == (90, 60, 3)
    same = (drawing.fitted(class_map, pixels) > 0) == (pixels[..., 0] > 127)
    assert same.mean() > 0.99


def test_offered_names_the_person_first() -> None:
    spec = REGISTRY.get("unet-clothing")
    offered = cutouts.offered(spec, tasks.run(spec, load_sample("astronaut")).result)
    assert next(iter(offered)) == "person"
    assert len(offered["person"]) == len(spec.class_names) - 1
