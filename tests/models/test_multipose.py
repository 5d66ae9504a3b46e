"""MultiPose: its post-processing against a plain reading of the published graph, and what it finds on photos."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cvdemo.models.multipose import decode, preprocess
from cvdemo.models.nets.multipose import Maps, people
from cvdemo.registry import REGISTRY
from cvdemo.samples import load_sample
from cvdemo.tasks import run
from cvdemo.tasks.pose import PoseParams
from cvdemo.types import Image, RawOutput

SPEC = REGISTRY.get("movenet-multipose")
Floats = NDArray[np.float64]


def random_maps(height: int, width: int, seed: int) -> Maps:
    """Maps of a head, (1, C, h, w), with peaks, boxes and vectors of the sizes that real ones have."""
    rng = np.random.default_rng(seed)
    shape = (1, height, width)
    arrays = [
        rng.uniform(0, 1, (1, 1, height, width)) ** 4,
        rng.normal(min(height, width) / 2, 8, (1, 2, *shape[1:])),
        rng.normal(0.5, 0.3, (1, 2, *shape[1:])),
        rng.uniform(0, 1, (1, 17, *shape[1:])) ** 6,
        rng.normal(0, 8, (1, 34, *shape[1:])),
        rng.normal(0.5, 0.3, (1, 34, *shape[1:])),
    ]
    return Maps(*(torch.from_numpy(each.astype(np.float32)) for each in arrays))


def plainly(maps: Maps) -> Floats:
    """people() for one picture, cell by cell in float64, as the graph's nodes say it."""
    center, size, box_offset, heatmap, regression, offset = (each[0].numpy().astype(np.float64) for each in maps)
    height, width = heatmap.shape[1:]
    peaks = []
    for i in range(height):
        for j in range(width):
            around = center[0, max(i - 2, 0) : i + 3, max(j - 2, 0) : j + 3].max()
            peaks.append((center[0, i, j] if around == center[0, i, j] else 0.0, -(i * width + j)))
    rows = np.arange(height)[:, None]
    columns = np.arange(width)[None, :]
    weighted, found = np.zeros((6, 17, height, width)), []
    for person, (score, place) in enumerate(sorted(peaks, reverse=True)[:6]):
        i, j = divmod(-place, width)
        middle = np.array([i, j]) + box_offset[:, i, j]
        reach = np.maximum(size[:, i, j], 0) / 2
        low, high = (np.clip(middle + sign * reach, 0, [height, width]) for sign in (-1, 1))
        inside = (rows >= low[0]) & (rows < high[0]) & (columns >= low[1]) & (columns < high[1])
        for joint in range(17):
            dy, dx = rows - i - regression[2 * joint, i, j], columns - j - regression[2 * joint + 1, i, j]
            near = np.exp(-(dy**2 + dx**2) / (min(height, width) * float(np.float16(0.3))))
            weighted[person, joint] = heatmap[joint] * near * inside
        found.append((score, low, high))
    out = np.zeros((6, 56))
    for person, (score, low, high) in enumerate(found):
        scores = []
        for joint in range(17):
            i, j = divmod(int(weighted[person, joint].argmax()), width)
            y = (i + offset[2 * joint, i, j]) / height
            x = (j + offset[2 * joint + 1, i, j]) / width
            scores.append(weighted[:, joint, i, j].max())
            out[person, 3 * joint : 3 * joint + 3] = y, x, scores[-1]
        seen = [s for s in scores if s > float(np.float16(0.127))]
        box = [*(low / [height, width]), *(high / [height, width])]
        out[person, 51:] = *np.clip(box, 0, 1), score * sum(seen) / max(len(seen), 1)
    return out


@pytest.mark.parametrize(("height", "width"), [(64, 64), (64, 96), (40, 24)])
@pytest.mark.parametrize("seed", range(3))
def test_people_are_read_from_the_maps_as_the_graph_does(height: int, width: int, seed: int) -> None:
    maps = random_maps(height, width, seed)
    got = people(maps)[0].numpy()
    assert got.shape == (6, 56)
    np.testing.assert_allclose(got, plainly(maps), atol=2e-5)


def test_every_picture_of_a_batch_is_read_alone() -> None:
    maps = [random_maps(48, 64, seed) for seed in range(3)]
    together = people(Maps(*(torch.cat(each) for each in zip(*maps, strict=True))))
    for index, each in enumerate(maps):
        torch.testing.assert_close(together[index : index + 1], people(each))


def test_a_head_that_sees_nothing_gives_scores_of_zero() -> None:
    maps = Maps(*(torch.zeros(1, channels, 32, 32) for channels in (1, 2, 2, 17, 34, 34)))
    assert people(maps)[..., 55].max() == 0


def test_joints_and_boxes_go_back_into_the_picture() -> None:
    image = Image(np.zeros((200, 400, 3), np.uint8), "0", "black")
    (placed,) = preprocess(SPEC, image).letterboxes
    rows = np.zeros((1, 6, 56), np.float32)
    drawn = np.random.default_rng(0).uniform(0, 200, (6, 17, 2)).astype(np.float32)
    corners = np.float32([[-30, -20], [380, 190]])
    joints = rows[..., :51].reshape(1, 6, 17, 3)
    joints[0, ..., 1::-1] = placed.to_input(drawn) / 384
    joints[..., 2] = 0.7
    rows[..., :51] = joints.reshape(1, 6, 51)
    rows[..., 51:55] = (placed.to_input(corners)[:, ::-1] / 384).reshape(4)
    rows[..., 55] = np.linspace(0.6, 0.1, 6)
    poses = decode(SPEC, RawOutput(outputs={"people": rows}, letterboxes=(placed,), size_hw=image.size_hw))
    np.testing.assert_allclose(poses.keypoints, drawn, atol=1e-3)
    np.testing.assert_allclose(poses.boxes.xyxy, [[0, 0, 380, 190]] * 6, atol=1e-3)
    np.testing.assert_allclose(poses.boxes.scores, rows[0, :, 55])
    assert (poses.keypoint_scores == np.float32(0.7)).all()


@pytest.mark.parametrize(("name", "count"), [("street", 3), ("sideline", 2), ("astronaut", 1)])
def test_people_on_photos(name: str, count: int) -> None:
    poses = run(SPEC, load_sample(name), PoseParams(score_threshold=0.2)).result
    assert len(poses) == count
    for box, places, scores in zip(poses.boxes.xyxy, poses.keypoints, poses.keypoint_scores, strict=True):
        sure = places[scores > 0.5]
        assert len(sure) >= 4
        assert (sure >= box[:2] - 5).all()
        assert (sure <= box[2:] + 5).all()
