"""Track numbers on made-up boxes that move, cross, vanish and come back."""

from __future__ import annotations

import numpy as np

from cvdemo.tasks.tracking import UNKNOWN, Tracker
from cvdemo.types import Detections, Poses

SIZE = (480, 640)


def boxes(*rows: tuple[float, float, float, float], classes: list[int] | None = None, score: float = 0.9) -> Detections:
    xyxy = np.array(rows, np.float32).reshape(-1, 4)
    ids = np.array(classes if classes is not None else [0] * len(xyxy), np.int64)
    return Detections(xyxy, np.full(len(xyxy), score, np.float32), ids, SIZE)


def walking(x: float, y: float = 100) -> tuple[float, float, float, float]:
    return (x, y, x + 60, y + 150)


def test_numbers_stay_with_things_whatever_their_order() -> None:
    tracker, seen = Tracker(0.5), []
    for i in range(30):
        pair = [walking(10 + 12 * i, 50), walking(560 - 12 * i, 260)]
        order = [0, 1] if i % 2 == 0 else [1, 0]
        numbers = tracker.update(boxes(*(pair[k] for k in order)), i / 15)
        seen.append([int(numbers[order.index(k)]) for k in (0, 1)])
    assert seen[0] == [UNKNOWN, UNKNOWN]
    assert seen[2:] == [seen[2]] * 28
    assert set(seen[2]) == {1, 2}


def test_who_comes_back_soon_keeps_the_number_and_who_comes_late_gets_another() -> None:
    tracker = Tracker()
    for i in range(5):
        (first,) = tracker.update(boxes(walking(100 + 2 * i)), i / 10)
    for i in range(5, 9):
        assert len(tracker.update(boxes(), i / 10)) == 0
    for i in (9, 10):
        numbers = tracker.update(boxes(walking(112)), i / 10)
    assert numbers.tolist() == [first]
    for i in range(11, 41):
        tracker.update(boxes(), i / 10)
    for i in range(41, 44):
        numbers = tracker.update(boxes(walking(112)), i / 10)
    assert numbers[0] not in (UNKNOWN, first)


def test_a_number_survives_weak_boxes_which_start_none() -> None:
    tracker, numbers = Tracker(0.5), []
    for i in range(24):
        numbers.append(tracker.update(boxes(walking(100), score=0.35 if 12 <= i < 18 else 0.9), i / 15).tolist())
    assert numbers[2:] == [[1]] * 22
    tracker = Tracker(0.5)
    assert all(tracker.update(boxes(walking(100), score=0.4), i / 15).tolist() == [UNKNOWN] for i in range(5))


def test_a_thing_never_takes_the_number_of_another_class() -> None:
    tracker = Tracker()
    for i in range(4):
        numbers = tracker.update(boxes(walking(100), walking(100), classes=[0, 16]), i / 15)
    assert UNKNOWN not in numbers
    assert numbers[0] != numbers[1]
    swapped = tracker.update(boxes(walking(100), walking(100), classes=[16, 0]), 4 / 15)
    assert swapped.tolist() == numbers[::-1].tolist()


def test_moderately_sure_boxes_are_followed_too() -> None:
    tracker = Tracker()
    numbers = [tracker.update(boxes(walking(100 + 8 * i), score=0.15), i / 12).tolist() for i in range(8)]
    assert numbers[2:] == [numbers[2]] * 6
    assert numbers[2] != [UNKNOWN]


def test_people_of_a_pose_are_numbered() -> None:
    tracker = Tracker()
    for i in range(3):
        found = boxes(walking(100 + i), walking(400 - i))
        poses = Poses(found, np.zeros((2, 17, 2), np.float32), np.zeros((2, 17), np.float32), ())
        numbers = tracker.update(poses, i / 15)
    assert sorted(numbers.tolist()) == [1, 2]


def test_two_trackers_count_for_themselves() -> None:
    for _ in range(2):
        tracker = Tracker()
        for i in range(3):
            numbers = tracker.update(boxes(walking(50)), i / 15)
        assert numbers.tolist() == [1]
