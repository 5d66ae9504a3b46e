"""Angles of joints, repetitions and posture from the keypoints of one person: a demonstration, not a measurement.

All of it is computed in the plane of the picture: a knee bent towards the camera looks straight. Nothing here knows
how far away anything is, and none of it is advice on how to exercise or sit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvdemo.labels import KEYPOINTS

#: Joint -> the keypoints whose lines meet in it, the joint in the middle. "hip" is between trunk and thigh, "shoulder"
#: between trunk and upper arm.
_LINES = {
    "elbow": ("shoulder", "elbow", "wrist"),
    "shoulder": ("hip", "shoulder", "elbow"),
    "hip": ("shoulder", "hip", "knee"),
    "knee": ("hip", "knee", "ankle"),
}
#: The eight angles by name ("left elbow"), each with the indices of its three keypoints.
ANGLES: dict[str, tuple[int, int, int]] = {
    f"{side} {joint}": tuple(KEYPOINTS.index(f"{side} {part}") for part in parts)  # type: ignore[misc]
    for joint, parts in _LINES.items()
    for side in ("left", "right")
}
#: Degrees that count as bent (below) and straight (above) for the repetitions of a joint; chosen by eye.
RANGES = {"elbow": (80.0, 140.0), "shoulder": (40.0, 85.0), "hip": (115.0, 155.0), "knee": (115.0, 155.0)}
_LEANING, _TILTED = 15.0, 8.0


def joint_angles(
    keypoints: NDArray[np.float32], scores: NDArray[np.float32], threshold: float = 0.3
) -> NDArray[np.float32]:
    """The angles of ANGLES in degrees, (8,) float32: 180 is straight, NaN where a keypoint is not seen.

    keypoints: (17, 2) pixels of one person. scores: (17,). threshold: lowest score of a keypoint that is used.
    """
    a, joint, b = (np.array(index) for index in zip(*ANGLES.values(), strict=True))
    first, second = keypoints[a] - keypoints[joint], keypoints[b] - keypoints[joint]
    cross = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    degrees = np.degrees(np.arctan2(np.abs(cross), (first * second).sum(axis=1)))
    lengths = np.minimum(np.hypot(*first.T), np.hypot(*second.T))
    seen = (scores[a] >= threshold) & (scores[joint] >= threshold) & (scores[b] >= threshold) & (lengths > 0)
    return np.where(seen, degrees, np.nan).astype(np.float32)


class RepCounter:
    """Counts how often an angle goes from one end of its range to the other and back.

    low, high: degrees; what happens between them changes nothing, so that a trembling joint is not counted. The end
    that is reached first is where repetitions begin and end: straight for a squat, low for a raised arm.
    """

    def __init__(self, low: float, high: float) -> None:
        self.count = 0
        self._low, self._high = low, high
        self._home: str | None = None
        self._away = False
        self._latest: deque[float] = deque(maxlen=3)

    def update(self, angle: float) -> int:
        """The count after the next angle, in degrees. NaN changes nothing; one stray value does not count either."""
        if np.isnan(angle):
            return self.count
        self._latest.append(angle)
        if len(self._latest) < 3:
            return self.count
        usual = sorted(self._latest)[1]
        end = "low" if usual < self._low else "high" if usual > self._high else None
        if end is None:
            return self.count
        self._home = self._home or end
        if end != self._home:
            self._away = True
        elif self._away:
            self._away = False
            self.count += 1
        return self.count


def repetitions(angles: NDArray[np.float32], joint: str) -> NDArray[np.int64]:
    """(T,) int64: the count after each of (T,) successive angles of a joint ("left knee")."""
    counter = RepCounter(*RANGES[joint.split()[-1]])
    return np.array([counter.update(float(angle)) for angle in angles], np.int64)


@dataclass(frozen=True, slots=True)
class Posture:
    """lean: degrees of the trunk from upright. tilt: degrees of the shoulders from level, positive where the person's
    left one is lower. None where it cannot be told."""

    lean: float | None
    tilt: float | None

    @property
    def hint(self) -> str:
        """A short sentence on it."""
        said = []
        if self.lean is not None:
            said.append(f"trunk {self.lean:.0f}° from upright" if self.lean >= _LEANING else "trunk upright")
        if self.tilt is not None:
            lower = "left" if self.tilt > 0 else "right"
            said.append(
                f"{lower} shoulder lower by {abs(self.tilt):.0f}°" if abs(self.tilt) >= _TILTED else "shoulders level"
            )
        return ", ".join(said).capitalize() if said else "Shoulders and hips are not seen well enough"


def posture(keypoints: NDArray[np.float32], scores: NDArray[np.float32], threshold: float = 0.3) -> Posture:
    """How one person holds the trunk. keypoints: (17, 2) pixels. scores: (17,)."""
    left, right, left_hip, right_hip = (
        KEYPOINTS.index(name) for name in ("left shoulder", "right shoulder", "left hip", "right hip")
    )
    shoulders_seen = min(scores[left], scores[right]) >= threshold
    hips_seen = min(scores[left_hip], scores[right_hip]) >= threshold
    tilt = lean = None
    if shoulders_seen:
        across = keypoints[left] - keypoints[right]
        # Seen from the side the shoulders are one behind the other, and their line says nothing.
        height = abs(keypoints[[left_hip, right_hip], 1].mean() - keypoints[[left, right], 1].mean())
        if abs(across[0]) > 0.25 * max(float(height), 1.0):
            tilt = float(np.degrees(np.arctan2(across[1], abs(across[0]))))
    if shoulders_seen and hips_seen:
        trunk = keypoints[[left, right]].mean(axis=0) - keypoints[[left_hip, right_hip]].mean(axis=0)
        if np.hypot(*trunk) > 0:
            lean = float(np.degrees(np.arctan2(abs(trunk[0]), -trunk[1])))
    return Posture(lean, tilt)
