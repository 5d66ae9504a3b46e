"""PersonLab's decoding gives back the people that its maps were drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cvdemo.models.personlab import JOINTS, TREE, Maps, decode_people, local_maxima

STRIDE, CELLS, REACH = 16, 25, 32
#: A standing person, one unit high, (x, y) from the middle, in the order of COCO's joints.
STANDING = np.float32(
    [
        (0.00, -0.45), (0.03, -0.48), (-0.03, -0.48), (0.07, -0.46), (-0.07, -0.46), (0.14, -0.30),
        (-0.14, -0.30), (0.20, -0.12), (-0.20, -0.12), (0.24, 0.03), (-0.24, 0.03), (0.09, 0.05),
        (-0.09, 0.05), (0.10, 0.28), (-0.10, 0.28), (0.11, 0.50), (-0.11, 0.50),
    ]
)  # fmt: skip
PLACES = np.float32([(192, 192), (70, 100), (310, 100), (70, 290), (310, 290)])


def crowd(count: int, seed: int = 0) -> NDArray[np.float32]:
    """(count, 17, 2): people 110 to 150 input pixels high, every joint moved at random, apart from each other."""
    rng = np.random.default_rng(seed)
    heights = rng.uniform(110, 150, (count, 1, 1))
    moved = STANDING + rng.normal(0, 0.015, (count, JOINTS, 2))
    return (moved * heights + PLACES[:count, None]).astype(np.float32)


def draw(people: NDArray[np.float32], best: NDArray[np.float32]) -> Maps:
    """The maps of a network that sees every joint perfectly: around each joint, every cell within REACH knows its
    place and the way to its neighbours in the skeleton. best: (count, 17), the heatmap's height at each joint."""
    rows, columns = np.mgrid[:CELLS, :CELLS].astype(np.float32) * STRIDE
    cells = np.stack([columns, rows])  # (2, h, w)
    apart = np.linalg.norm(people[:, :, :, None, None] - cells, axis=2)  # (count, 17, h, w)
    nearest = apart.argmin(axis=0)  # (17, h, w), whose joint
    close = apart.min(axis=0) <= REACH
    heatmap = (best[:, :, None, None] * np.exp(-((apart / REACH) ** 2))).max(axis=0)
    joint = np.arange(JOINTS)[:, None, None]
    targets = people[nearest, joint].transpose(0, 3, 1, 2)  # (17, 2, h, w)
    offset = np.where(close[:, None], targets - cells, 0)

    def ways(source: int, target: int) -> NDArray[np.float32]:
        move = (people[:, target] - people[:, source])[nearest[source]].transpose(2, 0, 1)
        return np.where(close[source], move, 0)

    forward = np.stack([ways(parent, child) for parent, child in TREE])
    backward = np.stack([ways(child, parent) for parent, child in TREE])
    return Maps(*(np.float32(each) for each in (heatmap, offset, forward, backward)), STRIDE)


def decode(maps: Maps, **options: float) -> tuple[NDArray[np.float32], ...]:
    settings_ = {"start_score": 0.3, "radius": 20.0, "max_people": 20, **options}
    return decode_people(maps, **settings_)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("seed", range(4))
def test_people_are_found_where_they_were_drawn(count: int, seed: int) -> None:
    people = crowd(count, seed)
    found = decode(draw(people, np.full((count, JOINTS), 0.9, np.float32)))
    assert found.keypoints.shape == (count, JOINTS, 2)
    distance = np.linalg.norm(found.keypoints[:, None] - people[None], axis=3).max(axis=2)  # (found, drawn)
    assert sorted(distance.argmin(axis=1)) == list(range(count))
    assert distance.min(axis=1).max() < 1.0
    assert (found.joint_scores > 0.6).all()  # the nearest cell is at most 11 px away
    np.testing.assert_allclose(found.scores, found.joint_scores.mean(axis=1), rtol=1e-5)


def test_the_person_with_the_best_joint_comes_first_and_the_number_is_limited() -> None:
    people = crowd(5)
    best = np.linspace(0.5, 0.9, 5, dtype=np.float32)[:, None].repeat(JOINTS, axis=1)
    found = decode(draw(people, best), max_people=2)
    assert len(found.scores) == 2
    for person, keypoints in zip((4, 3), found.keypoints, strict=True):
        np.testing.assert_allclose(keypoints, people[person], atol=1.0)


def test_a_joint_shared_with_a_better_person_adds_nothing_to_the_score() -> None:
    """Two people whose left legs coincide: the second keeps its joints, but only those of its own count."""
    people = crowd(1).repeat(2, axis=0)
    people[1] += np.float32([60, 0])
    legs = [13, 15]
    people[1, legs] = people[0, legs]
    best = np.array([[0.9], [0.8]], np.float32).repeat(JOINTS, axis=1)
    found = decode(draw(people, best))
    assert len(found.scores) == 2
    own = np.setdiff1d(np.arange(JOINTS), legs)
    assert found.scores[1] == pytest.approx(found.joint_scores[1, own].sum() / JOINTS, rel=1e-5)
    assert found.scores[0] == pytest.approx(found.joint_scores[0].mean(), rel=1e-5)


def test_nothing_above_the_start_score_gives_nobody() -> None:
    maps = draw(crowd(1), np.full((1, JOINTS), 0.2, np.float32))
    found = decode(maps)
    assert found.keypoints.shape == (0, JOINTS, 2)
    assert found.joint_scores.shape == (0, JOINTS)
    assert found.scores.shape == (0,)


def test_local_maxima_are_sorted_and_not_exceeded_by_a_neighbour() -> None:
    heatmap = np.random.default_rng(1).random((JOINTS, 9, 11), np.float32)
    joints, cells = local_maxima(heatmap, 0.5)
    expected = {
        (k, i, j)
        for k, i, j in np.argwhere(heatmap >= 0.5).tolist()
        if heatmap[k, i, j] == heatmap[k, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2].max()
    }
    assert {(k, i, j) for k, (i, j) in zip(joints.tolist(), cells.tolist(), strict=True)} == expected
    scores = heatmap[joints, cells[:, 0], cells[:, 1]]
    assert (np.diff(scores) <= 0).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 300))
def test_any_maps_give_sound_people(seed: int, size: float) -> None:
    """Vectors that point anywhere, also far outside of the picture, break nothing."""
    rng = np.random.default_rng(seed)
    vectors = [rng.normal(0, size, (n, 2, 7, 5)).astype(np.float32) for n in (JOINTS, len(TREE), len(TREE))]
    found = decode(Maps(rng.random((JOINTS, 7, 5), np.float32), *vectors, STRIDE))
    assert 0 < len(found.scores) <= 20
    assert np.isfinite(found.keypoints).all()
    assert ((found.scores >= 0) & (found.scores <= found.joint_scores.mean(axis=1) + 1e-5)).all()
    first = found.joint_scores.max(axis=1)
    assert (first >= 0.3).all()
