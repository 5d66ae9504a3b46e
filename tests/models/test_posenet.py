"""PoseNet on photos: it agrees with MultiPose, a network with which it shares nothing."""

from __future__ import annotations

import numpy as np
import pytest

from cvdemo.engine import engine
from cvdemo.models.posenet import decode, preprocess, read_maps
from cvdemo.registry import REGISTRY
from cvdemo.samples import load_sample
from cvdemo.tasks import run
from cvdemo.tasks.pose import PoseParams
from cvdemo.types import Image, Poses, RawOutput

SPEC = REGISTRY.get("posenet")


def empty_outputs(**changes: np.ndarray) -> dict[str, np.ndarray]:
    outputs = {
        "heatmap": np.full((1, 17, 25, 25), -9, np.float32),
        "offset": np.zeros((1, 34, 25, 25), np.float32),
        "displacement_fwd": np.zeros((1, 32, 25, 25), np.float32),
        "displacement_bwd": np.zeros((1, 32, 25, 25), np.float32),
    }
    return outputs | changes


def raw_of(outputs: dict[str, np.ndarray], size_hw: tuple[int, int]) -> RawOutput:
    image = Image(np.zeros((*size_hw, 3), np.uint8), "0", "black")
    return RawOutput(outputs=outputs, letterboxes=preprocess(SPEC, image).letterboxes, size_hw=size_hw)


def test_vectors_are_read_as_all_y_before_all_x_and_logits_become_probabilities() -> None:
    offset = np.zeros((1, 34, 25, 25), np.float32)
    offset[0, 3], offset[0, 17 + 3] = 5, 7  # y and x of joint 3
    forward = np.zeros((1, 32, 25, 25), np.float32)
    forward[0, 2], forward[0, 16 + 2] = 11, 13  # y and x of edge 2
    maps = read_maps(raw_of(empty_outputs(offset=offset, displacement_fwd=forward), (385, 385)))
    assert maps.offset.shape == (17, 2, 25, 25)
    assert (maps.offset[3, 0] == 7).all()
    assert (maps.offset[3, 1] == 5).all()
    assert (maps.forward[2, 0] == 13).all()
    assert (maps.forward[2, 1] == 11).all()
    np.testing.assert_allclose(maps.heatmap, 1 / (1 + np.exp(9)), rtol=1e-4)


def test_nobody() -> None:
    poses = decode(SPEC, raw_of(empty_outputs(), (100, 200)))
    assert len(poses) == 0
    assert poses.keypoints.shape == (0, 17, 2)


def test_a_joint_goes_back_into_the_picture() -> None:
    """A nose in row 10, column 4, a little aside, in a picture twice as wide as high."""
    heatmap = np.full((1, 17, 25, 25), -9, np.float32)
    heatmap[0, 0, 10, 4] = 3
    offset = np.zeros((1, 34, 25, 25), np.float32)
    offset[0, 0], offset[0, 17] = 2, -3
    poses = decode(SPEC, raw_of(empty_outputs(heatmap=heatmap, offset=offset), (385, 770)))
    assert len(poses) == 1
    np.testing.assert_allclose(poses.keypoints[0, 0], [(4 * 16 - 3) * 2, (10 * 16 + 2 - 96) * 2], atol=1.1)
    assert poses.keypoint_scores[0, 0] == pytest.approx(1 / (1 + np.exp(-3)), rel=1e-4)


@pytest.mark.parametrize(("name", "count"), [("street", 2), ("sideline", 2), ("astronaut", 1)])
def test_it_agrees_with_multipose_on_photos(name: str, count: int) -> None:
    """The mean distance of the joints both see, as a share of the person's size."""
    other = run(REGISTRY.get("movenet-multipose"), load_sample(name), PoseParams(score_threshold=0.2)).result
    ours: Poses = run(SPEC, load_sample(name), PoseParams(score_threshold=0.4)).result
    assert len(ours) == count
    for keypoints, scores in zip(ours.keypoints, ours.keypoint_scores, strict=True):
        both = (scores > 0.5) & (other.keypoint_scores > 0.3)
        apart = np.linalg.norm(other.keypoints - keypoints, axis=2)
        means = [row[mask].mean() if mask.sum() >= 5 else np.inf for row, mask in zip(apart, both, strict=True)]
        nearest = int(np.argmin(means))
        size = np.sqrt(np.prod(other.boxes.xyxy[nearest, 2:] - other.boxes.xyxy[nearest, :2]))
        assert means[nearest] < 0.08 * size


def test_boxes_end_at_the_edge_and_hold_the_joints_seen() -> None:
    image = load_sample("sideline")
    poses = decode(SPEC, engine().forward(SPEC, image))
    assert 2 <= len(poses) <= 20
    height, width = image.size_hw
    assert (poses.boxes.xyxy >= 0).all()
    assert (poses.boxes.xyxy <= [width, height, width, height]).all()
    assert (poses.boxes.xyxy[:, 2:] >= poses.boxes.xyxy[:, :2]).all()
    best = poses.boxes.scores.argmax()
    seen = poses.keypoints[best][poses.keypoint_scores[best] > 0.5]
    x0, y0, x1, y1 = poses.boxes.xyxy[best]
    assert (seen >= [x0, y0]).all()
    assert (seen <= [x1, y1]).all()
