"""Garments through their family: what goes in, and how views become one answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cvdemo.fashion_samples import fashion_samples
from cvdemo.imaging import image_from_pixels
from cvdemo.models.fashion import MIRRORED, decode, preprocess
from cvdemo.registry import REGISTRY
from cvdemo.types import Image, RawOutput

NANO = REGISTRY.get("fashion-nano")
ARTICLE = replace(NANO, name="article-cnn", variant="article-cnn", aliases=())


def _garment() -> Image:
    return image_from_pixels(np.repeat(fashion_samples().images[700][..., None], 3, axis=2), "sneaker")


def test_one_view_or_two() -> None:
    garment = fashion_samples().images[700].astype(np.float32) / 255
    one, two = preprocess(ARTICLE, _garment()), preprocess(NANO, _garment())
    assert one.inputs.shape == (1, 1, 28, 28)
    assert two.inputs.shape == (2, 1, 28, 28)
    np.testing.assert_allclose(one.inputs[0, 0], garment, atol=1e-6)
    np.testing.assert_allclose(two.inputs[0, 0], garment, atol=1e-6)
    np.testing.assert_allclose(two.inputs[1, 0], garment[:, ::-1], atol=1e-6)
    assert set(MIRRORED) == {"fashion-nano", "fashion-net"}


def test_the_letterbox_of_the_mirrored_view_leads_to_the_same_place() -> None:
    photo = np.full((200, 300, 3), 240, np.uint8)
    photo[30:170, 40:120] = 60
    upright, mirrored = preprocess(NANO, image_from_pixels(photo, "garment")).letterboxes
    points = np.array([[40, 30], [120, 170], [77, 99]], np.float32)
    seen, turned = upright.to_input(points), mirrored.to_input(points)
    np.testing.assert_allclose(turned[:, 0], 28 - seen[:, 0], atol=1e-4)
    np.testing.assert_allclose(turned[:, 1], seen[:, 1], atol=1e-4)
    np.testing.assert_allclose(mirrored.to_image(turned), points, atol=1e-3)


@pytest.mark.parametrize("views", [1, 2])
def test_the_answer_is_the_softmax_of_the_mean(views: int) -> None:
    logits = np.random.default_rng(0).normal(size=(views, 10)).astype(np.float32) * 50
    boxes = preprocess(NANO, _garment()).letterboxes[:views]
    answer = decode(NANO, RawOutput(outputs={"logits": logits}, letterboxes=boxes, size_hw=(28, 28)))
    mean = logits.mean(0)
    assert int(answer.probs.argmax()) == int(mean.argmax())
    assert answer.probs.sum() == pytest.approx(1)
    np.testing.assert_allclose(np.diff(np.log(answer.probs[:3])), np.diff(mean[:3]), rtol=1e-3)


def test_the_shipped_network_does_not_care_which_way_a_shoe_points() -> None:
    from cvdemo import tasks

    pixels = np.repeat(fashion_samples().images[700][..., None], 3, axis=2)
    one = tasks.run(NANO, image_from_pixels(pixels, "left")).result
    other = tasks.run(NANO, image_from_pixels(np.ascontiguousarray(pixels[:, ::-1]), "right")).result
    np.testing.assert_allclose(one.probs, other.probs, atol=1e-4)
