"""How sure a segmentation is."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.imaging import image_from_pixels
from cvdemo.registry import REGISTRY
from cvdemo.tasks import certainty
from cvdemo.types import Segmentation


def test_entropy_runs_from_one_class_to_all_alike() -> None:
    probs = np.zeros((4, 1, 3), np.float32)
    probs[0, 0, 0] = 1
    probs[:2, 0, 1] = 0.5
    probs[:, 0, 2] = 0.25
    np.testing.assert_allclose(certainty.entropy(probs), [[0, 0.5, 1]], atol=1e-5)


def test_doubtful_share_and_its_limit() -> None:
    probs = np.zeros((2, 1, 10), np.float32)
    probs[0], probs[1] = 0.9, 0.1
    probs[:, 0, :3] = 0.5
    assert certainty.doubtful_share(Segmentation(np.zeros((1, 10), np.uint8), probs, (1, 10))) == pytest.approx(0.3)
    shares = np.linspace(0, 1, 101)
    assert certainty.warns(shares, certainty.limit_of(shares) / certainty.MARGIN) == pytest.approx(0.05, abs=0.01)
    assert certainty.warns(shares, certainty.limit_of(shares, rate=0.5)) == pytest.approx(0.375, abs=0.01)


@pytest.mark.parametrize(
    ("pixels", "content"),
    [
        (np.full((80, 80), 255, np.uint8), False),
        (np.full((80, 80), 9, np.uint8), False),
        (np.arange(1, dtype=np.uint8)[None], False),
        (np.tile(np.arange(0, 160, 2, dtype=np.uint8), (80, 1)), True),
    ],
)
def test_an_empty_picture_is_told(pixels: np.ndarray, content: bool) -> None:
    assert certainty.has_content(image_from_pixels(pixels)) == content


def test_every_limit_belongs_to_a_network() -> None:
    for name, limit in certainty.limits().items():
        assert REGISTRY.get(name).task == "segment"
        assert 0 < limit.limit < 1
        assert 0 <= limit.measured < 1
        assert limit.pictures > 0
