"""Track numbers on made-up boxes that move, cross, vanish and come back."""

from __future__ import annotations

import numpy as np

from cvdemo.tasks.tracking import Tracker
from cvdemo.types import Detections, Poses

SIZE = (480, 640)


def boxes(*rows: tuple[float, float, float, float], classes: list[int] | None = None, score: float = 0.9) -> Detections:
    xyxy = np.array(rows, np.float32).reshape(-1, 4)
    ids = np.array(classes if classes is not None else [0] * len(xyxy), np.int64)
    return Detections(xyxy, np.full(len(xyxy), score, np.float32), ids, SIZE)


def walking(x: float, y: float = 100) -> tuple[float, float, float, float]:
    return (x, y, x + 60, y + 150)


def test_numbers_stay_with_things_whatever_their_order() -> None:
    tracker = Tracker(fps=15)
    seen = []
    for i in range(12):
        pair = [walking(10 + 12 * i, 50), walking(560 - 12 * i, 260)]
        order = [0, 1] if i % 2 == 0 else [1, 0]
        numbers = tracker.update(boxes(*(pair[k] for k in order)))
        seen.append([int(numbers[order.index(k)]) for k in (0, 1)])
    assert all(pair == seen[1] for pair in seen[1:])
    assert len(set(seen[1])) == 2
    assert min(seen[1]) >= 1


def test_who_comes_back_soon_keeps_the_number_and_who_comes_late_gets_another() -> None:
    tracker = Tracker(fps=10)
    for i in range(5):
        numbers = tracker.update(boxes(walking(100 + 2 * i)))
    (first,) = numbers
    for _ in range(4):
        assert len(tracker.update(boxes())) == 0
    for _ in range(2):
        numbers = tracker.update(boxes(walking(112)))
    assert numbers.tolist() == [first]
    for _ in range(15):
        tracker.update(boxes())
    for _ in range(2):
        numbers = tracker.update(boxes(walking(112)))
    assert numbers[0] not in (-1, first)


def test_a_thing_never_takes_the_number_of_another_class() -> None:
    tracker = Tracker()
    for _ in range(3):
        (person,) = tracker.update(boxes(walking(100), classes=[0]))
    for _ in range(3):
        (dog,) = tracker.update(boxes(walking(100), classes=[16]))
    assert dog not in (-1, person)
    both = tracker.update(boxes(walking(100), walking(100), classes=[16, 0]))
    assert both.tolist() == [dog, person]


def test_moderately_sure_boxes_are_followed_too() -> None:
    tracker = Tracker(fps=12)
    numbers = [tracker.update(boxes(walking(100 + 8 * i), score=0.15)).tolist() for i in range(8)]
    assert numbers[2:] == [numbers[2]] * 6
    assert numbers[2] != [-1]


def test_people_of_a_pose_are_numbered() -> None:
    tracker = Tracker()
    for i in range(3):
        found = boxes(walking(100 + i), walking(400 - i))
        poses = Poses(found, np.zeros((2, 17, 2), np.float32), np.zeros((2, 17), np.float32), ())
        numbers = tracker.update(poses)
    assert sorted(numbers.tolist()) == [1, 2]


def test_two_trackers_count_for_themselves() -> None:
    for _ in range(2):
        tracker = Tracker()
        for _ in range(2):
            numbers = tracker.update(boxes(walking(50)))
        assert numbers.tolist() == [1]
