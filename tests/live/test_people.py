"""Things keep their numbers, and people are followed between searches."""

from __future__ import annotations

import numpy as np

from cvdemo.labels import SKELETON
from cvdemo.live.people import SEARCH_EVERY_S, Follower
from cvdemo.live.protocol import Settings
from cvdemo.live.steady import Average, Tracks
from cvdemo.types import Classification, Detections, Poses

SIZE = (480, 640)


def _boxes(rows: list[tuple[float, float, float, float]], scores: list[float], classes: list[int]) -> Detections:
    xyxy = np.array(rows, np.float32).reshape(-1, 4)
    return Detections(xyxy, np.array(scores, np.float32), np.array(classes, np.int64), SIZE)


def _person(x: float, score: float = 0.9) -> Poses:
    joints = np.stack([np.linspace(x, x + 60, 17), np.linspace(100, 300, 17)], axis=1)[None].astype(np.float32)
    box = _boxes([(x - 10, 90, x + 70, 310)], [score], [0])
    return Poses(box, joints, np.full((1, 17), score, np.float32), SKELETON)


def test_a_person_is_followed_by_the_joints() -> None:
    follower = Follower()
    assert follower.must_search(0.0)
    follower.found(_person(100).boxes, 0.0)
    assert not follower.must_search(SEARCH_EVERY_S / 2)
    for step in range(1, 20):
        people = follower.people(SIZE)
        assert len(people) == 1
        moved = _person(100 + 10 * step)
        joints = moved.keypoints[0]
        x0, y0, x1, y1 = people.xyxy[0]
        wide, tall = x1 - x0, y1 - y0
        inside = (joints > [x0 - wide / 4, y0 - tall / 4]).all() and (joints < [x1 + wide / 4, y1 + tall / 4]).all()
        assert inside, "the next look would miss the person"
        follower.saw(moved, people)
    assert follower.must_search(SEARCH_EVERY_S)


def test_whose_joints_are_lost_is_searched_for_again_soon() -> None:
    follower = Follower()
    follower.found(_person(100).boxes, 0.0)
    follower.saw(_person(100, score=0.05), follower.people(SIZE))
    assert len(follower.people(SIZE)) == 0
    assert follower.must_search(0.2)


def test_a_search_adds_newcomers_and_drops_nobody_followed() -> None:
    follower = Follower()
    follower.found(_person(100).boxes, 0.0)
    follower.saw(_person(104), follower.people(SIZE))
    follower.found(_person(400).boxes, 1.0)
    assert sorted(follower.people(SIZE).xyxy[:, 0] > 300) == [False, True]
    follower.found(_person(104).boxes, 2.0)  # the same person again is not a third one
    assert len(follower.people(SIZE)) == 2


def test_another_frame_size_begins_anew() -> None:
    follower = Follower()
    follower.found(_person(100).boxes, 0.0)
    assert len(follower.people((240, 320))) == 0


def test_joints_are_calmed_without_being_moved() -> None:
    rng, tracks, settings = np.random.default_rng(1), Tracks(), Settings()
    raw, calm = [], []
    for i in range(60):
        person = _person(100)
        noisy = Poses(
            person.boxes,
            person.keypoints + rng.normal(0, 2, person.keypoints.shape).astype(np.float32),
            person.keypoint_scores,
            SKELETON,
        )
        numbers = tracks.number(noisy.boxes, 0.5, i / 20)
        raw.append(noisy.keypoints)
        calm.append(tracks.smoothed(noisy, numbers, settings, i / 20).keypoints)
    assert np.std(calm[10:], axis=0).mean() < 0.7 * np.std(raw[10:], axis=0).mean()
    assert np.abs(np.mean(calm[10:], axis=0) - _person(100).keypoints).max() < 2


def test_probabilities_are_averaged_and_stay_probabilities() -> None:
    average, names = Average(), ("a", "b")
    left, right = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    average(Classification(left, names), 0.0)
    blink = average(Classification(right, names), 0.05)
    assert blink.top(1)[0][1] == "a"
    for i in range(40):
        later = average(Classification(right, names), 0.1 + i / 20)
        assert later.probs.sum() == np.float32(1) or abs(later.probs.sum() - 1) < 1e-5
    assert later.probs[1] > 0.98
