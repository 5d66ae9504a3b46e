"""What tests share: the sample photos as Images, and what to do where something optional is absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from cvdemo.imaging import load_image
from cvdemo.settings import settings
from cvdemo.types import Image

FASHION_FOLDER = Path("/usr/share/datasets/fashion-mnist")
CHROMIUM = Path("/usr/bin/chromium")


def need(present: bool, what: str) -> None:
    """Skip a test for want of something on this machine; on CI, where it is installed, fail instead."""
    if present:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture
def fresh_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A monkeypatch whose environment changes reach cvdemo.settings, undone afterwards."""
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(scope="session")
def bus() -> Image:
    """A street with a bus and four people, the photo that comes with ultralytics (810 x 1080)."""
    folder = find_spec("ultralytics")
    assert folder is not None
    assert folder.origin is not None
    path = Path(folder.origin).parent / "assets" / "bus.jpg"
    return load_image(path.read_bytes(), path.name)
