"""The tours: of a length that can be walked, with links that lead to what they promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from cvdemo.registry import REGISTRY
from cvdemo.samples import load_sample
from cvdemo.ui.tour.guide import _checked
from cvdemo.ui.tour.texts import TOURS

PAGES = Path(__file__).parents[2] / "pages"
LINKS = [step.link for steps in TOURS.values() for step in steps if step.link]


@pytest.mark.parametrize("page", TOURS)
def test_five_to_seven_steps_that_fit_a_phone(page: str) -> None:
    steps = TOURS[page]
    assert 5 <= len(steps) <= 7
    assert all(60 < len(step.text) <= 300 and "\n" not in step.text for step in steps)
    assert len({step.title for step in steps}) == len(steps)


def test_every_page_but_home_and_the_models_has_one() -> None:
    without = {"home", "main", "models", "benchmark"}
    assert {path.stem for path in PAGES.glob("*.py")} - without <= TOURS.keys()


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.label)
def test_links_lead_to_layers_that_exist(link: object) -> None:
    from cvdemo.inspect.tree import tree_of

    assert (PAGES / link.page).is_file()  # type: ignore[attr-defined]
    query = link.query  # type: ignore[attr-defined]
    tree = tree_of(REGISTRY.get(query["model"]), load_sample("street"))
    assert tree.find(query["layer"]).is_map


def test_nonsense_from_the_browser_is_ignored() -> None:
    begun = {"step": 2, "open": False, "done": False}
    assert _checked(begun, None, 5) == begun
    assert _checked(begun, {"step": 9, "open": 1}, 5) == begun
    assert _checked(begun, {"step": 4, "open": True, "done": True}, 5) == {"step": 4, "open": True, "done": True}
