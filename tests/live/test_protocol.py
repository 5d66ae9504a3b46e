"""Messages survive the way there and back; whatever else comes is refused with a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvdemo.errors import UsageError
from cvdemo.live.protocol import (
    MAX_TEXT,
    Settings,
    read_answer,
    read_frame,
    read_settings,
    write_answer,
    write_frame,
)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=200))
def test_a_frame_comes_back(number: int, jpeg: bytes) -> None:
    assert read_frame(write_frame(number, jpeg)) == (number, jpeg)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["mask", "maps"]), st.binary(max_size=100)), st.text())
def test_an_answer_comes_back(parts: dict[str, bytes], text: str) -> None:
    head = {"frame": 3, "items": [[1.5, 2]], "text": text}
    assert read_answer(write_answer(head, parts)) == (head, parts)


@pytest.mark.parametrize("message", [b"", b"\0", b"\0\0\0\1"])
def test_a_frame_without_a_picture_is_refused(message: bytes) -> None:
    with pytest.raises(UsageError, match="too short"):
        read_frame(message)


def test_settings_left_out_stay() -> None:
    before = Settings(model="centernet", score=0.4, classes=(0, 5), smooth=False)
    after = read_settings('{"type": "settings", "score": 0.6, "track": false}', before)
    assert (after.model, after.score, after.classes, after.smooth, after.track) == (
        "centernet", 0.6, (0, 5), False, False,
    )  # fmt: skip
    assert read_settings('{"type": "settings", "classes": null}', before).classes is None


@pytest.mark.parametrize(
    "fields",
    [
        {"score": 1.5}, {"score": "0.5"}, {"score": True}, {"side": -1}, {"side": 100_000}, {"channels": 1000},
        {"classes": [0.5]}, {"classes": [-1]}, {"classes": [True]}, {"classes": list(range(1001))}, {"classes": "all"},
        {"model": 3}, {"model": "x" * 201}, {"smooth": 1}, {"cutoff": 0}, {"__class__": "x"}, {"type": "frame"},
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        read_settings(json.dumps({"type": "settings", **fields}), Settings())


def test_not_a_number_is_refused() -> None:
    for value in ("NaN", "Infinity", "1e999"):
        with pytest.raises(UsageError):
            read_settings(f'{{"type": "settings", "score": {value}}}', Settings())


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_other_text_is_answered_by_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match=r"(object|'settings'|page)\.$"):
        read_settings(text, Settings())


def test_long_and_deep_text_is_refused() -> None:
    for text in ("x" * (MAX_TEXT + 1), "[" * MAX_TEXT, '{"a":' * 1000):
        with pytest.raises(UsageError):
            read_settings(text, Settings())
