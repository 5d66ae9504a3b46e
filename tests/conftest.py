"""What tests share: the sample photos as Images, and what to do where something optional is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FASHION_FOLDER = Path("/usr/share/datasets/fashion-mnist")
CHROMIUM = Path("/usr/bin/chromium")


def need(present: bool, what: str) -> None:
    """Skip a test for want of something on this machine; on CI, where it is installed, fail instead."""
    if present:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"needs {what}")
