"""A film of the street photo, gliding, with real people and a real bus."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as PilImage

from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.types import Image
from cvdemo.weights import unavailable_reason
from tests.conftest import need
from tests.video.films import film

#: Seconds of each frame of street_film.
TIMES = tuple(i / 10 for i in range(6))


@pytest.fixture(scope="session")
def street_film(bus: Image) -> bytes:
    """Six frames, 240 x 320, a tenth of a second each."""
    photo = PilImage.fromarray(bus.pixels)
    views = [photo.crop((0, 230 + 8 * i, 810, 838 + 8 * i)).resize((320, 240)) for i in range(len(TIMES))]
    return film(TIMES, size_hw=(240, 320), frames=[np.asarray(view) for view in views])


@pytest.fixture
def detector() -> ModelSpec:
    """The fastest network that boxes things."""
    spec = REGISTRY.get("nanodet")
    need(unavailable_reason(spec) is None, "weights/nanodet.safetensors")
    return spec
