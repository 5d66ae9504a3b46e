"""Angles, repetitions and posture of made-up skeletons and of people on the sample photos."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cvdemo import tasks
from cvdemo.labels import KEYPOINTS
from cvdemo.registry import REGISTRY
from cvdemo.tasks.pose_angles import ANGLES, Posture, RepCounter, joint_angles, posture, repetitions
from cvdemo.types import Image
from cvdemo.weights import unavailable_reason
from tests.conftest import need

NAMES = list(ANGLES)
SURE = np.ones(17, np.float32)


def standing(knee: float = 180.0, lean: float = 0.0) -> NDArray[np.float32]:
    """(17, 2): somebody seen from the front, arms hanging, knees bent to that angle, leaning by so many degrees."""
    places = {
        "shoulder": (20.0, 100.0), "elbow": (22.0, 160.0), "wrist": (22.0, 220.0), "hip": (15.0, 220.0),
        "knee": (15.0, 320.0),
    }  # fmt: skip
    points = np.zeros((17, 2), np.float32)
    for name, (x, y) in places.items():
        points[KEYPOINTS.index(f"left {name}")] = (200 + x, y)
        points[KEYPOINTS.index(f"right {name}")] = (200 - x, y)
    bend = np.radians(180 - knee)
    for side, sign in (("left", 1), ("right", -1)):
        at = points[KEYPOINTS.index(f"{side} knee")]
        points[KEYPOINTS.index(f"{side} ankle")] = at + np.array((sign * 100 * np.sin(bend), 100 * np.cos(bend)))
    turn = np.radians(lean)
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return ((points - (200, 220)) @ rotate.T + (200, 220)).astype(np.float32)


def angle(points: NDArray[np.float32], name: str, scores: NDArray[np.float32] = SURE) -> float:
    return float(joint_angles(points, scores)[NAMES.index(name)])


@pytest.mark.parametrize("knee", [180, 150, 120, 90, 60, 30])
def test_a_bent_knee_has_the_angle_it_was_bent_to(knee: float) -> None:
    for side in ("left", "right"):
        assert angle(standing(knee), f"{side} knee") == pytest.approx(knee, abs=0.1)
    assert angle(standing(knee), "left elbow") == pytest.approx(178, abs=1)
    assert angle(standing(knee), "left hip") == pytest.approx(178, abs=2)
    assert angle(standing(knee), "right shoulder") < 10


@given(
    st.integers(0, 2**32 - 1),
    st.floats(-3, 3),
    st.floats(0.1, 10),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_angles_do_not_change_with_place_size_and_turn(
    seed: int, turn: float, scale: float, move: tuple[float, float]
) -> None:
    points = np.random.default_rng(seed).uniform(0, 500, (17, 2)).astype(np.float32)
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = (points @ rotate.T * scale + move).astype(np.float32)
    np.testing.assert_allclose(joint_angles(points, SURE), joint_angles(moved, SURE), atol=1.0)
    assert (joint_angles(points, SURE) >= 0).all()
    assert (joint_angles(points, SURE) <= 180).all()


def test_mirrored_people_have_left_and_right_exchanged() -> None:
    points = np.random.default_rng(1).uniform(0, 500, (17, 2)).astype(np.float32)
    swapped = [KEYPOINTS.index(_other(name)) for name in KEYPOINTS]
    mirrored = points[swapped] * (-1, 1)
    order = [NAMES.index(_other(name)) for name in NAMES]
    np.testing.assert_allclose(
        joint_angles(mirrored.astype(np.float32), SURE)[order], joint_angles(points, SURE), atol=0.1
    )


def _other(name: str) -> str:
    side, _, part = name.partition(" ")
    return f"{'right' if side == 'left' else 'left'} {part}" if part else name


def test_what_is_not_seen_has_no_angle() -> None:
    scores = SURE.copy()
    scores[KEYPOINTS.index("left knee")] = 0.1
    assert np.isnan(angle(standing(), "left knee", scores))
    assert np.isnan(angle(standing(), "left hip", scores))
    assert np.isfinite(angle(standing(), "right knee", scores))
    assert np.isnan(joint_angles(np.zeros((17, 2), np.float32), SURE)).all()  # all in one place: no direction


def squats(times: int, noise: float = 0.0, low: float = 80.0) -> NDArray[np.float32]:
    phase = np.linspace(0, 2 * np.pi * times, 25 * times, endpoint=True)
    angles = low + (175 - low) * (1 + np.cos(phase)) / 2
    return (angles + np.random.default_rng(0).normal(0, noise, len(angles))).astype(np.float32)


@pytest.mark.parametrize("times", [1, 3, 10])
@pytest.mark.parametrize("noise", [0.0, 6.0])
def test_squats_are_counted(times: int, noise: float) -> None:
    counts = repetitions(np.append(squats(times, noise), [175.0] * 3).astype(np.float32), "left knee")
    assert counts[-1] == times
    assert (np.diff(counts) >= 0).all()


def test_half_squats_trembling_and_stray_values_are_not_counted() -> None:
    assert repetitions(squats(5, low=130), "left knee")[-1] == 0
    around = np.tile([113.0, 117.0], 50).astype(np.float32)  # trembling about the lower end
    assert repetitions(np.concatenate([[170.0] * 5, around, [170.0] * 5]).astype(np.float32), "left knee")[-1] == 1
    stray = np.full(30, 170.0, np.float32)
    stray[[8, 20]] = 40.0
    assert repetitions(stray, "left knee")[-1] == 0


def test_not_seen_in_between_changes_nothing() -> None:
    angles = squats(4)
    angles[::5] = np.nan
    assert repetitions(np.append(angles, [175.0] * 3).astype(np.float32), "right knee")[-1] == 4
    assert repetitions(np.full(20, np.nan, np.float32), "right knee")[-1] == 0


def test_a_repetition_ends_where_it_began() -> None:
    counter = RepCounter(40, 85)
    for value in (20, 20, 20, 100, 100, 100):
        counter.update(value)
    assert counter.count == 0  # the arm is up
    for value in (20, 20, 20):
        counter.update(value)
    assert counter.count == 1


@pytest.mark.parametrize("lean", [0, 10, 25, 60, -25])
def test_lean_is_measured_from_upright(lean: float) -> None:
    found = posture(standing(lean=lean), SURE)
    assert found.lean == pytest.approx(abs(lean), abs=0.5)
    assert ("from upright" in found.hint) == (abs(lean) >= 15)


def test_the_lower_shoulder_is_named() -> None:
    points = standing()
    points[KEYPOINTS.index("left shoulder"), 1] += 12
    found = posture(points, SURE)
    assert found.tilt == pytest.approx(16.7, abs=0.5)
    assert "left shoulder lower by 17°" in found.hint
    mirrored = (points * (-1, 1)).astype(np.float32)  # seen from behind: it is still the person's left one
    assert "left shoulder lower" in posture(mirrored, SURE).hint.lower()


def test_posture_that_cannot_be_told_is_not_guessed() -> None:
    assert posture(standing(), np.zeros(17, np.float32)) == Posture(None, None)
    assert "not seen" in Posture(None, None).hint
    from_the_side = standing()
    from_the_side[:, 0] = 200 + (from_the_side[:, 0] - 200) * 0.05
    assert posture(from_the_side, SURE).tilt is None


def test_people_on_the_street_stand_upright(bus: Image) -> None:
    spec = REGISTRY.default("pose")
    need(unavailable_reason(spec) is None, "the weights")
    poses = tasks.run(spec, bus).result
    seen = 0
    for i in range(len(poses)):
        found = posture(poses.keypoints[i], poses.keypoint_scores[i])
        angles = dict(zip(NAMES, joint_angles(poses.keypoints[i], poses.keypoint_scores[i]), strict=True))
        if found.lean is None or np.isnan(angles["left knee"]) or np.isnan(angles["right knee"]):
            continue
        seen += 1
        assert found.lean < 15
        assert min(angles["left knee"], angles["right knee"]) > 110
        assert min(angles["left hip"], angles["right hip"]) > 130
    assert seen >= 2
