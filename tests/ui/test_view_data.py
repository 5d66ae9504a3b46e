"""What the browser is told is what the result says."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image as PilImage

from cvdemo.labels import SKELETON
from cvdemo.types import Detections, Poses, Segmentation
from cvdemo.ui import view_data
from cvdemo.ui.explorer.focus import channel_data
from cvdemo.viz import class_hex


def _pixels(url: str) -> np.ndarray:
    return np.asarray(PilImage.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1]))))


def test_boxes_keep_order_and_colour_of_their_class() -> None:
    found = Detections(
        np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.float32), np.array([0.9, 0.2], np.float32), np.array([5, 0]), (10, 10)
    )
    first, second = view_data.detections_data(found, ("person", "", "", "", "", "bus"))["items"]
    assert (first["name"], first["many"], first["box"], first["color"]) == ("bus", "buses", [1, 2, 3, 4], class_hex(5))
    assert (second["name"], second["score"]) == ("person", 0.2)


def test_nobody_is_an_answer_too() -> None:
    nobody = Poses(Detections.empty((9, 9)), np.zeros((0, 17, 2), np.float32), np.zeros((0, 17), np.float32), SKELETON)
    data = view_data.poses_data(nobody)
    assert data["items"] == []
    assert len(data["skeleton"]) == len(SKELETON)


def test_mask_is_lossless_and_shrunk_without_mixing_classes() -> None:
    class_map = np.zeros((30, 4000), np.uint8)
    class_map[:, 2000:] = 7
    probs = np.full((8, 3, 4), 1 / 8, np.float32)
    mask = view_data.segmentation_data(Segmentation(class_map, probs, (30, 4000)), tuple("abcdefgh"))["mask"]
    shown = _pixels(mask["src"])
    assert shown.shape == (12, view_data.DISPLAY_SIDE)
    assert set(np.unique(shown)) == {0, 7}
    assert [entry["name"] for entry in mask["classes"][:2]] == ["a", "h"]
    assert (_pixels(mask["sure"]) == round(255 / 8)).all()
    assert (_pixels(mask["doubt"]) == 255).all()  # all classes alike: nothing could be less certain


def test_best_classes_of_a_place_come_with_their_probabilities() -> None:
    probs = np.zeros((5, 6, 8), np.float32)
    probs[4], probs[1], probs[0] = 0.7, 0.25, 0.05
    mask = view_data.segmentation_data(Segmentation(np.full((6, 8), 4, np.uint8), probs, (6, 8)), tuple("abcde"))[
        "mask"
    ]
    assert (_pixels(mask["best"]) == [4, 1, 0]).all()
    assert (_pixels(mask["sure"]) == np.array([0.7 * 255, 0.25 * 255, 0.05 * 255]).round()).all()


def test_a_network_of_two_classes_has_no_third_best() -> None:
    probs = np.full((2, 6, 8), 0.5, np.float32)
    mask = view_data.segmentation_data(Segmentation(np.zeros((6, 8), np.uint8), probs, (6, 8)), ("a", "b"))["mask"]
    assert (_pixels(mask["best"]) == [0, 1, 0]).all()


def test_jpeg_is_scaled_down_and_never_up() -> None:
    assert _pixels(view_data.jpeg_url(np.zeros((10, 2000, 3), np.uint8), side=100)).shape[1] == 100
    assert _pixels(view_data.jpeg_url(np.zeros((10, 20, 3), np.uint8), side=100)).shape == (10, 20, 3)


def test_an_almost_silent_channel_has_a_histogram() -> None:
    values = np.full((6, 6), 3.0, np.float32)
    values[0, 0] = np.nextafter(np.float32(3), np.float32(4))
    counts = channel_data(values, None)["histogram"]["counts"]
    assert sum(counts) == 36
    assert sum(channel_data(np.full((6, 6), 3.0, np.float32), None)["histogram"]["counts"]) == 36
