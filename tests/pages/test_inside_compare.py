"""The explorer's comparison with real networks: the same layer on two pictures, and two networks on one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cvdemo.inspect.compare import shifts
from cvdemo.inspect.store import ActivationStore
from cvdemo.registry import REGISTRY
from cvdemo.samples import load_sample
from cvdemo.ui.explorer.choice import Choice
from cvdemo.ui.explorer.maps import look_at
from cvdemo.ui.explorer.side import Side, counterpart, pairing
from tests.pages.conftest import component_data

Open = Callable[..., AppTest]
LAYER = "efficientnet.blocks.2"


def _passes(at: AppTest) -> int:
    store: ActivationStore = at.session_state["explorer_store"]
    return store.passes


def test_a_link_sets_two_pictures_side_by_side(open_page: Open) -> None:
    at = open_page("inside", sample="coffee", layer=LAYER, channel="7", with_sample="cat")
    told = component_data(at, "explorer_compare")
    spec = REGISTRY.get("efficientnet-lite0")
    first, second = (ActivationStore().maps(spec, load_sample(name), LAYER) for name in ("coffee", "cat"))
    grid = told["grid"]
    assert grid["channels"] == grid["partners"]
    assert grid["chosen"] == 7
    order = [grid["channels"].index(channel) for channel in range(len(first))]
    np.testing.assert_allclose(np.array(grid["shifts"])[order], shifts(first, second), atol=0.006)
    found = grid["correlations"][grid["channels"].index(7)]
    assert found == pytest.approx(np.corrcoef(first[7].ravel(), second[7].ravel())[0, 1], abs=1e-3)
    assert told["difference"]["map"]["top"] == pytest.approx(np.abs(second[7] - first[7]).max(), rel=1e-3)
    assert (at.query_params["with_sample"], at.query_params["layer"]) == ("cat", LAYER)
    before = _passes(at)
    for view in ("pca", "clusters", "norm"):
        at.query_params["view"] = view
        at.run()
        assert not at.exception
        assert component_data(at, "explorer_compare")["view"] == view
    assert _passes(at) == before == 2


def test_a_link_sets_two_networks_side_by_side(open_page: Open) -> None:
    at = open_page("inside", sample="coffee", layer=LAYER, with_model="centernet")
    told = component_data(at, "explorer_compare")
    assert told["difference"] is None
    assert told["grid"]["shifts"] is None
    assert len(told["grid"]["sprites"]) == 2
    assert any("CKA" in fact for fact in told["facts"])
    assert at.query_params["with_model"] == "centernet"
    assert "with_sample" not in at.query_params


def test_closed_it_costs_nothing(open_page: Open) -> None:
    at = open_page("inside", sample="coffee")
    with pytest.raises(AssertionError):
        component_data(at, "explorer_compare")
    assert _passes(at) == 1


def test_a_second_picture_comes_through_the_same_door(open_page: Open, photo: bytes) -> None:
    at = open_page("inside", sample="street", layer=LAYER, with_sample="cat")
    at.file_uploader[1].set_value(("mirrored.jpg", photo, "image/jpeg")).run()
    assert not at.exception
    sides = component_data(at, "explorer_compare")["sides"]
    assert (sides[1]["picture"]["width"], sides[1]["picture"]["height"]) == (600, 800)
    assert sides[0]["picture"]["name"] != sides[1]["picture"]["name"]


def test_a_layer_beside_itself_is_wholly_alike() -> None:
    spec = REGISTRY.get("efficientnet-lite0")
    side = Side(look_at(spec, load_sample("cat")), Choice(layer=LAYER))
    pairs = pairing(side, side)
    defined = ~np.isnan(pairs.correlation)
    assert defined.mean() > 0.5
    np.testing.assert_allclose(pairs.correlation[defined], 1, atol=1e-5)
    np.testing.assert_array_equal(pairs.shift, 0)


def test_the_counterpart_has_the_same_stride() -> None:
    trees = [look_at(REGISTRY.get(name), load_sample("cat")).tree for name in ("efficientnet-lite0", "centernet")]
    for node in trees[0].stages():
        other = trees[1].find(counterpart(trees[0], node, trees[1]))
        if node.stride and node.stride[0] in (4, 8, 16):
            assert other.stride == node.stride
    assert counterpart(trees[0], trees[0].find(LAYER), trees[0]) == LAYER
