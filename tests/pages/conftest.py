"""Pages run in Streamlit's own simulator, with the real networks and real uploads."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PilImage
from streamlit.testing.v1 import AppTest

from cvdemo.samples import SAMPLES

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")


def component_data(at: AppTest, name: str) -> dict[str, Any]:
    """What the component of that name was told in the last run."""
    for element in at.get("bidi_component"):
        if element.proto.component_name == f"cvdemo.{name}":
            data: dict[str, Any] = json.loads(element.proto.json or element.proto.mixed.json)
            return data
    raise AssertionError(f"the page shows no {name}")


def shown_text(at: AppTest) -> str:
    """All Markdown, titles and captions of the page."""
    parts = [*at.markdown, *at.title, *at.subheader, *at.caption]
    return "\n".join(str(part.value) for part in parts)


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """Open a page of the app, as a link with these query parameters would."""

    def open_it(page: str, **query: str) -> AppTest:
        at = AppTest.from_file(MAIN, default_timeout=300)
        at.switch_page(f"{page}.py")
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception, at.exception
        return at

    return open_it


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG of people and a bus that is none of the samples: mirrored, smaller, recompressed."""
    file = next(sample for sample in SAMPLES if sample.name == "street").file
    assert file is not None
    picture = PilImage.open(file).convert("RGB").transpose(PilImage.Transpose.FLIP_LEFT_RIGHT).resize((600, 800))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90)
    return stream.getvalue()


@pytest.fixture
def upload() -> Callable[[AppTest, str, bytes], AppTest]:
    """Upload a file on the open page."""

    def upload_it(at: AppTest, name: str, data: bytes) -> AppTest:
        at.file_uploader[0].set_value((name, data, "image/jpeg")).run()
        assert not at.exception, at.exception
        return at

    return upload_it
