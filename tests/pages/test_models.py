"""The page of all networks: papers of those that are here, a button for those that are not, and only on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cvdemo import official
from cvdemo.registry import REGISTRY
from cvdemo.settings import settings
from cvdemo.weights import papers, unavailable_reason
from tests.pages.conftest import shown_text

Open = Callable[..., AppTest]


def test_every_network_is_listed_once_with_its_papers(open_page: Open) -> None:
    at = open_page("models")
    table = at.dataframe[0].value
    here = [spec for spec in REGISTRY if unavailable_reason(spec) is None]
    assert sorted(table["Network"]) == sorted(spec.title for spec in here)
    for spec in here:
        row, found = table[table["Network"] == spec.title].iloc[0], papers(spec)
        assert found is not None
        assert row["Licence"] == found.licence
        assert row["State"] == "comes with the app"
    offered = [button.key for button in at.button if button.key.startswith("fetch-")]
    away = [spec for spec in REGISTRY if spec not in here]
    assert sorted(offered) == sorted(f"fetch-{Path(spec.weights).name}" for spec in away)
    assert len(offered) == len(set(offered)) >= 18


def test_training_curves_of_every_network_of_ours(open_page: Open) -> None:
    at = open_page("models")
    choice = at.selectbox(key="models-log")
    assert {"U-Net, streets", "FCN-8s, streets", "U-Net, clothes", "Fashion net", "The article's CNN"} <= set(
        choice.options
    )
    choice.set_value("U-Net, streets").run()
    assert "validation, mean IoU" in at.get("plotly_chart")[1].proto.spec
    choice.set_value("The article's CNN").run()
    assert "always the same" in shown_text(at)


def test_a_task_leaves_its_own_networks(open_page: Open) -> None:
    at = open_page("models")
    at.segmented_control[0].set_value("pose").run()
    assert set(at.dataframe[0].value["Task"]) == {"Pose"}
    assert all("-pose" in button.key for button in at.button if button.key.startswith("fetch-"))


def test_the_operator_can_switch_downloads_off(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = replace(settings(), downloads=False)
    monkeypatch.setattr("cvdemo.ui.fetch.settings", lambda: closed)
    at = open_page("models")
    assert not [button for button in at.button if button.key.startswith("fetch-")]
    assert "switched off" in shown_text(at)


def test_without_the_internet_one_sentence_comes_and_the_page_stays(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(official, "_ULTRALYTICS", "http://127.0.0.1:9/")
    monkeypatch.setattr("cvdemo.ui.models.weights_path", lambda spec: _elsewhere(spec, tmp_path))
    at = open_page("models")
    at.button(key="fetch-yolo26n.pt").click().run()
    for _ in range(40):
        at.run()
        if "cannot be reached" in shown_text(at):
            break
    assert "cannot be reached; check the internet connection" in shown_text(at)
    assert len(at.dataframe[0].value) >= 17


def _elsewhere(spec: object, folder: Path) -> Path:
    from cvdemo.registry import ModelSpec
    from cvdemo.weights import weights_path

    assert isinstance(spec, ModelSpec)
    return weights_path(spec) if unavailable_reason(spec) is None else folder / Path(spec.weights).name


def test_every_published_file_has_an_address_of_its_own() -> None:
    files = [file for spec in REGISTRY if (file := official.official_file(spec))]
    assert len({file.url for file in files}) == len(files) == 23
    assert all(file.url.startswith("https://") and file.licence for file in files)
    assert {spec.name for spec in REGISTRY if official.official_file(spec)}.isdisjoint(
        spec.name for spec in REGISTRY if papers(spec)
    )
