"""Addresses, file names, notices."""

from __future__ import annotations

import pytest

from cvdemo.registry import REGISTRY
from cvdemo.types import Image
from cvdemo.ui import address, downloads, explanations, notices


@pytest.mark.parametrize(
    ("text", "value"), [("0.4", 0.4), ("7", 0.95), ("-1", 0.05), ("nan", None), ("inf", 0.95), ("", None), ("x", None)]
)
def test_number_from_an_address_is_in_range_or_nothing(text: str, value: float | None) -> None:
    assert address.number(text, 0.05, 0.95) == value


@pytest.mark.parametrize(
    ("name", "stem"),
    [("IMG 0042.HEIC", "img-0042"), ("../../etc/passwd", "passwd"), ("", "picture"), ("??.png", "picture")],
)
def test_file_stem_is_safe(name: str, stem: str) -> None:
    assert downloads.file_stem(name) == stem


def test_notice_shows_markdown_as_it_is_written() -> None:
    assert notices.literal("my_*file*.png") == r"my\_\*file\*\.png"


def test_every_family_explains_itself_in_four_sentences(bus: Image) -> None:
    for spec in REGISTRY:
        sentences = explanations.sentences(spec, bus)
        assert len(sentences) == 4, spec.name
        assert all(text.endswith(".") and "{" not in text for text in sentences)
