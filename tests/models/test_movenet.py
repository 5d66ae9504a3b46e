"""Top-down MoveNet: where a person is cut out, and where the joints go back to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.models.movenet import crop_box, decode, preprocess
from cvdemo.registry import REGISTRY
from cvdemo.samples import load_sample
from cvdemo.types import Detections, Image, RawOutput

THUNDER = REGISTRY.get("movenet-thunder")
#: Joints by number, left and right exchanged.
LEFT_RIGHT = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
MODELS = ("movenet-thunder", "movenet-lightning")
sides = st.integers(1, 3000)
parts = st.floats(-0.5, 1.5)


def people(*xyxy: tuple[float, float, float, float], size_hw: tuple[int, int], score: float = 0.5) -> Detections:
    count = len(xyxy)
    scores, class_ids = np.full(count, score, np.float32), np.zeros(count, np.int64)
    return Detections(np.float32(xyxy).reshape(-1, 4), scores, class_ids, size_hw)


def raw_of(keypoints: NDArray[np.float32], image: Image, found: Detections | None) -> RawOutput:
    prepared = preprocess(THUNDER, image, found)
    return RawOutput(
        outputs={"keypoints": keypoints}, letterboxes=prepared.letterboxes, size_hw=image.size_hw, people=found
    )


def test_the_box_grows_in_both_directions_and_ends_at_the_edge() -> None:
    assert crop_box(np.float32([100, 100, 140, 260]), (500, 400)) == (95, 80, 145, 280)
    assert crop_box(np.float32([0, 100, 40, 500]), (500, 400)) == (0, 50, 45, 500)


@given(sides, sides, parts, parts, parts, parts)
def test_any_box_gives_a_part_of_the_picture(h: int, w: int, ax: float, ay: float, bx: float, by: float) -> None:
    corners = np.sort(np.float32([[ax * w, ay * h], [bx * w, by * h]]), axis=0)
    x0, y0, x1, y1 = crop_box(corners.reshape(4), (h, w))
    assert x0 >= 0
    assert x0 + 1 <= x1 <= w
    assert y0 >= 0
    assert y0 + 1 <= y1 <= h
    inside = corners.clip(0, np.float32([w, h]))
    if (inside[1] - inside[0] > 1).all():
        slack = 1e-3 * max(h, w)
        assert x0 <= inside[0, 0] + slack
        assert y0 <= inside[0, 1] + slack
        assert x1 >= inside[1, 0] - slack
        assert y1 >= inside[1, 1] - slack


def test_the_crop_is_laid_in_the_middle_of_a_black_square_and_colours_stay() -> None:
    image = Image(np.full((500, 400, 3), (255, 0, 7), np.uint8), "0", "red")
    prepared = preprocess(THUNDER, image, people((100, 100, 140, 260), size_hw=(500, 400)))
    assert prepared.inputs.shape == (1, 3, 256, 256)
    assert prepared.inputs.dtype == np.float32
    red, green, blue = prepared.inputs[0]
    lit = np.flatnonzero(red.max(axis=0))
    assert (lit[0] + lit[-1]) / 2 == pytest.approx(127.5, abs=0.5)
    assert len(lit) == round(256 * 50 / 200)  # 50 x 200 pixels of the picture, as high as the square
    assert set(np.unique(red)) == {0, 255}
    assert green.max() == 0
    assert set(np.unique(blue)) == {0, 7}


def test_nobody_gives_no_inputs_and_no_poses() -> None:
    image = Image(np.zeros((50, 40, 3), np.uint8), "0", "black")
    nobody = Detections.empty((50, 40))
    assert preprocess(THUNDER, image, nobody).inputs.shape == (0, 3, 256, 256)
    poses = decode(THUNDER, raw_of(np.zeros((0, 17, 3), np.float32), image, nobody))
    assert len(poses) == 0
    assert poses.keypoints.shape == (0, 17, 2)


def test_joints_go_back_to_where_they_were_in_the_picture() -> None:
    image = Image(np.zeros((500, 400, 3), np.uint8), "0", "black")
    found = people((20, 30, 120, 330), (300.5, 10.2, 399, 60), size_hw=(500, 400), score=0.5)
    drawn = np.random.default_rng(0).uniform(20, 380, (2, 17, 2)).astype(np.float32)
    letterboxes = preprocess(THUNDER, image, found).letterboxes
    raw = np.empty((2, 17, 3), np.float32)
    for index, letterbox in enumerate(letterboxes):
        raw[index, :, 1::-1] = letterbox.to_input(drawn[index]) / 256
    raw[..., 2] = np.float32([0.2, 0.6])[:, None]
    poses = decode(THUNDER, raw_of(raw, image, found))
    np.testing.assert_allclose(poses.keypoints, drawn, atol=1e-2)
    np.testing.assert_allclose(poses.boxes.scores, [0.1, 0.3], rtol=1e-6)
    np.testing.assert_array_equal(poses.boxes.xyxy, found.xyxy)
    np.testing.assert_array_equal(poses.keypoint_scores, raw[..., 2])


def test_without_a_detector_the_picture_is_one_person() -> None:
    image = Image(np.zeros((60, 80, 3), np.uint8), "0", "black")
    poses = decode(THUNDER, raw_of(np.full((1, 17, 3), 0.5, np.float32), image, None))
    np.testing.assert_allclose(poses.keypoints, np.full((1, 17, 2), (40, 30)))
    np.testing.assert_array_equal(poses.boxes.xyxy, [[0, 0, 80, 60]])


@pytest.mark.parametrize("name", MODELS)
def test_a_mirrored_photo_gives_the_mirrored_pose(name: str) -> None:
    """The man in front of the bus: left and right change places, the joints stay on him."""
    spec, image = REGISTRY.get(name), load_sample("street")
    height, width = image.size_hw
    box = np.float32([[45, 395, 245, 905]])
    mirrored = Image(np.ascontiguousarray(image.pixels[:, ::-1]), "1", "mirrored")
    poses = []
    for picture, corners in ((image, box), (mirrored, np.abs(box[:, [2, 1, 0, 3]] - np.float32([width, 0, width, 0])))):
        found = people(*corners, size_hw=(height, width))
        prepared = preprocess(spec, picture, found)
        with torch.inference_mode():
            (output,) = engine().module(spec)(torch.tensor(prepared.inputs))
        raw = RawOutput(
            outputs={"keypoints": output.numpy()},
            letterboxes=prepared.letterboxes,
            size_hw=(height, width),
            people=found,
        )
        poses.append(decode(spec, raw))
    here, there = poses
    back = there.keypoints[0, LEFT_RIGHT] * np.float32([-1, 1]) + np.float32([width, 0])
    sure = here.keypoint_scores[0] > 0.5
    assert sure.sum() >= 9
    distance = np.linalg.norm(here.keypoints[0] - back, axis=1)[sure]
    assert np.median(distance) < 15
    x0, y0, x1, y1 = here.boxes.xyxy[0]
    inside = here.keypoints[0][sure]
    assert (inside[:, 0] > x0).all()
    assert (inside[:, 0] < x1).all()
    assert (inside[:, 1] > y0).all()
    assert (inside[:, 1] < y1).all()
