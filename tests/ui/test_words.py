"""Numbers and names as the pages say them."""

from __future__ import annotations

import pytest

from cvdemo.labels import COCO
from cvdemo.ui import words


@pytest.mark.parametrize(
    ("name", "many"),
    [
        ("person", "people"), ("bus", "buses"), ("knife", "knives"), ("sheep", "sheep"), ("bench", "benches"),
        ("toothbrush", "toothbrushes"), ("car", "cars"), ("toy", "toys"), ("teddy bear", "teddy bears"),
    ],
)  # fmt: skip
def test_plural(name: str, many: str) -> None:
    assert words.plural(name) == many


def test_every_coco_class_has_a_plural() -> None:
    assert all(words.plural(name) for name in COCO)
    assert not [name for name in COCO if words.plural(name).endswith("ss")]


def test_listed_counts_in_order_of_first_appearance() -> None:
    assert words.listed(["person", "bus", "person"]) == "2 people, 1 bus"
    assert words.listed([]) == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0004, "0.4 ms"), (0.00996, "10 ms"), (0.0542, "54 ms"), (1.23, "1.2 s")]
)
def test_duration(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(("n", "text"), [(512, "512"), (98_123, "98 k"), (2_014_924, "2.0 M"), (999_999, "1.0 M")])
def test_amount(n: int, text: str) -> None:
    assert words.amount(n) == text
