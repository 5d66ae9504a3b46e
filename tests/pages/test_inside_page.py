"""The explorer with real networks and a real upload: one forward pass feeds every choice, and a link restores it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image as PilImage
from streamlit.testing.v1 import AppTest

from cvdemo import tasks
from cvdemo.inspect.ablation import ablate
from cvdemo.inspect.channels import channel_order
from cvdemo.inspect.store import ActivationStore
from cvdemo.registry import REGISTRY
from cvdemo.samples import load_sample
from cvdemo.ui.explorer import choice as choices
from cvdemo.ui.explorer import files
from cvdemo.ui.explorer.answers import answer_of, compared
from cvdemo.ui.explorer.choice import Choice
from cvdemo.ui.explorer.maps import look_at
from tests.pages.conftest import component_data, shown_text

Open = Callable[..., AppTest]
Upload = Callable[[AppTest, str, bytes], AppTest]
LAYER = "efficientnet.blocks.2"


def _passes(at: AppTest) -> int:
    store: ActivationStore = at.session_state["explorer_store"]
    return store.passes


def _plane(told: dict) -> np.ndarray:
    plane = told["plane"]
    steps = np.frombuffer(base64.b64decode(plane["steps"]), "<u2").reshape(plane["height"], plane["width"])
    return plane["low"] + steps / 65535 * (plane["high"] - plane["low"])


def test_upload_is_looked_into(open_page: Open, upload: Upload, photo: bytes) -> None:
    at = upload(open_page("inside"), "my street.jpg", photo)
    focus, grid, layers = (component_data(at, f"explorer_{name}") for name in ("focus", "grid", "layers"))
    assert (focus["picture"]["width"], focus["picture"]["height"]) == (600, 800)
    assert len(layers["stages"]) >= 5
    assert layers["current"] == grid["layer"] == focus["layer"]
    assert grid["channels"] == len(grid["sprite"]["channels"]) > 0
    assert len(base64.b64decode(grid["sprite"]["src"].partition(",")[2])) < 400_000
    assert "256 MB" in shown_text(at)


def test_values_are_the_networks_own(open_page: Open) -> None:
    at = open_page("inside", sample="coffee", layer=LAYER, channel="7")
    focus = component_data(at, "explorer_focus")
    maps = ActivationStore().maps(REGISTRY.get("efficientnet-lite0"), load_sample("coffee"), LAYER)
    shown = _plane(focus)
    span = maps[7].max() - maps[7].min()
    assert np.abs(shown - maps[7]).max() <= span / 60_000
    assert focus["channel"] == 7
    assert len(focus["field"]["rows"]) == maps.shape[1]
    peak = focus["peaks"][0]
    assert maps[7][peak["row"], peak["column"]] == maps[7].max()


def test_link_restores_and_choices_run_no_network(open_page: Open) -> None:
    at = open_page("inside", sample="coffee", layer=LAYER, channel="7", sort="similarity")
    grid = component_data(at, "explorer_grid")
    maps = ActivationStore().maps(REGISTRY.get("efficientnet-lite0"), load_sample("coffee"), LAYER)
    assert grid["sprite"]["channels"] == list(channel_order(maps, "similarity", 7))
    before = _passes(at)
    for change in ({"sort": "mean"}, {"layer": "efficientnet.blocks.4"}, {"channel": "3"}, {"scale": "common"},
                   {"view": "pca"}, {"view": "clusters", "groups": "3"}, {"view": "norm"}):  # fmt: skip
        for name, value in change.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception
    assert _passes(at) == before == 1
    assert component_data(at, "explorer_focus")["view"] == "norm"
    assert at.query_params["layer"] == "efficientnet.blocks.4"


def test_pages_of_a_layer_with_more_than_a_thousand_channels(open_page: Open) -> None:
    at = open_page("inside", layer="efficientnet.bn2", channel="1000", sort="index")
    grid = component_data(at, "explorer_grid")
    assert (grid["channels"], grid["pages"], grid["page"]) == (1280, 5, 3)
    assert grid["sprite"]["channels"] == list(range(768, 1024))
    picture = PilImage.open(io.BytesIO(base64.b64decode(grid["sprite"]["src"].partition(",")[2])))
    assert picture.size == (grid["sprite"]["width"], grid["sprite"]["height"])


def test_first_layer_shows_its_kernels_in_colour(open_page: Open) -> None:
    kernels = component_data(open_page("inside", layer="efficientnet.conv_stem"), "explorer_focus")["kernels"]
    assert (kernels["mode"], kernels["count"], kernels["own"]) == ("colour", 32, True)


@pytest.mark.parametrize("model", ["centernet", "unet-street", "movenet-lightning"])
def test_every_task_has_an_inside(open_page: Open, model: str) -> None:
    at = open_page("inside", model=model, sample="street")
    assert component_data(at, "explorer_grid")["channels"] > 1
    assert component_data(at, "explorer_focus")["field"]["rows"]


def test_why_this_answer_with_its_sanity_check(open_page: Open) -> None:
    at = open_page("inside", sample="coffee")
    assert "Grad-CAM" in [option for box in at.selectbox for option in box.options]
    assert "What speaks for" in component_data(at, "explorer_why")["caption"]
    at.toggle(key="why-sanity").set_value(True).run()
    assert not at.exception
    assert len(at.get("image")) == 2
    assert "Rank correlation" in shown_text(at)


def test_a_channel_is_switched_off_and_the_answer_changes(open_page: Open) -> None:
    at = open_page("inside", sample="coffee", layer="efficientnet.conv_stem", channel="3")
    before = _passes(at)
    at.session_state["what-if"] = True
    at.run()
    next(toggle for toggle in at.toggle if toggle.label == "Switch channel 3 off").set_value(True).run()
    assert not at.exception
    changes = at.dataframe[0].value["Change"]
    assert np.abs(changes).max() > 1e-4
    assert _passes(at) == before


@pytest.mark.parametrize("model", ["centernet", "unet-street", "movenet-multipose"])
def test_why_and_what_if_for_the_other_tasks(model: str) -> None:
    spec, image = REGISTRY.get(model), load_sample("street")
    answer = answer_of(spec, image)
    name, target = next(iter(answer.targets.items()))
    assert target().value(answer.raw) > 0
    assert name.split()[-1][0].isdigit() or name.endswith("%")
    same = compared(spec, answer.result, answer.result)
    assert same
    assert all(was == now > 0 for _, was, now in same)


def test_switching_off_everything_changes_the_answer() -> None:
    spec, image = REGISTRY.get("efficientnet-lite0"), load_sample("coffee")
    made = ablate(spec, image, "efficientnet.bn2", range(1280))
    before, after = (tasks.decode(spec, raw, tasks.default_params(spec)) for raw in (made.before, made.after))
    name, was, now = compared(spec, before, after)[0]
    assert name == before.top(1)[0][1]
    assert now < was / 2


def test_files_hold_what_they_say() -> None:
    spec, image = REGISTRY.get("efficientnet-lite0"), load_sample("coffee")
    look, choice = look_at(spec, image), Choice(layer=LAYER, sort="mean")
    maps = ActivationStore().maps(spec, image, LAYER, exact=True)
    for precision in ("float16", "float32"):
        with np.load(io.BytesIO(files.npz(look, choice, precision))) as stored:  # type: ignore[arg-type]
            np.testing.assert_array_equal(stored["maps"], maps.astype(precision))
            assert (str(stored["model"]), str(stored["layer"])) == (spec.name, LAYER)
    assert PilImage.open(io.BytesIO(files.grid_png(look, choice))).size[0] > 100
    assert PilImage.open(io.BytesIO(files.channel_png(look, choice, 3))).size == image.size_hw[::-1]


def test_nonsense_in_a_link_is_ignored(open_page: Open) -> None:
    at = open_page("inside", model="none", layer="no.such", channel="-4", sort="x", scale="y", view="z", groups="999")
    assert component_data(at, "explorer_grid")["sort"] == "variance"


def test_what_the_browser_asks_is_checked() -> None:
    start = Choice(layer="a", channel=3)
    assert choices.changed(start, {"layer": "b"}) == Choice(layer="b")
    assert choices.changed(start, {"channel": True, "page": -1, "sort": 4, "view": None, "groups": 99}) == start
    assert choices.changed(start, {"sort": "similarity"}).anchor == 3
