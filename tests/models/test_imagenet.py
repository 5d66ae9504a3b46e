"""EfficientNet-Lite0 from picture to class probabilities."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cvdemo.models import family_of
from cvdemo.registry import REGISTRY
from cvdemo.types import Classification, Image, RawOutput
from tests.models.test_detectors import picture
from tests.models.test_oracle import load

SPEC = REGISTRY.get("efficientnet-lite0")
FAMILY = family_of(SPEC)


def classify(image: Image) -> Classification:
    prepared = FAMILY.preprocess(SPEC, image, None)
    with torch.inference_mode():
        (logits,) = load(SPEC.name)(torch.tensor(prepared.inputs))
    result = FAMILY.decode(SPEC, RawOutput({"logits": logits.numpy()}, prepared.letterboxes, image.size_hw))
    assert isinstance(result, Classification)
    return result


@pytest.mark.parametrize(
    ("photo_name", "labels"),
    [("cat", {"Egyptian cat", "tabby", "tiger cat"}), ("coffee", {"espresso", "cup"}), ("rocket", {"missile"})],
)
def test_network_names_what_is_there(photo_name: str, labels: set[str]) -> None:
    result = classify(picture(photo_name))
    assert result.probs.shape == (1000,)
    assert abs(result.probs.sum() - 1) < 1e-5
    assert result.top(1)[0][1] in labels


def test_fine_patterns_of_large_photos_do_not_alias() -> None:
    """A checkerboard of single pixels is grey from afar, not a pattern."""
    board = (np.indices((1601, 2003)).sum(axis=0) % 2 * 255).astype(np.uint8)
    inputs = FAMILY.preprocess(SPEC, Image(np.stack([board] * 3, axis=2), "0", "board"), None).inputs
    np.testing.assert_allclose(inputs * 128 + 127, 127.5, atol=3)


def test_sees_the_middle_of_the_picture_as_normalised_rgb() -> None:
    pixels = np.zeros((100, 300, 3), np.uint8)
    pixels[:, 101:199, 0] = 255
    prepared = FAMILY.preprocess(SPEC, Image(pixels, "0", "red in the middle"), None)
    assert prepared.inputs.shape == (1, 3, 224, 224)
    np.testing.assert_array_equal(prepared.inputs[0, 0], 1)
    np.testing.assert_array_equal(prepared.inputs[0, 1:], np.float32(-127 / 128))
    corners = prepared.letterboxes[0].to_image(np.array([[0, 0], [224, 224]], np.float32))
    np.testing.assert_allclose(corners, [[106.25, 6.25], [193.75, 93.75]], atol=1e-3)


def test_extreme_logits_stay_probabilities() -> None:
    logits = np.full((1, 1000), -1e4, np.float32)
    logits[0, 7] = 1e4
    letterboxes = FAMILY.preprocess(SPEC, Image(np.zeros((1, 1, 3), np.uint8), "0", "dot"), None).letterboxes
    result = FAMILY.decode(SPEC, RawOutput({"logits": logits}, letterboxes, (1, 1)))
    assert isinstance(result, Classification)
    assert result.top(1)[0][0] == 7
    assert result.probs[7] == 1
