"""From maps of joints to people: the fast greedy decoding of PersonLab (arXiv 1803.08225, section 3.1).

Every local maximum of a joint's heatmap may be the start of a person. From there the skeleton's tree is followed
edge by edge, first towards the nose, then away from it. People start from their best joint, best first; a start that
lies on the same joint of a person found before is dropped.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: The tree whose edges the displacement maps describe, in their order: (joint nearer the nose, joint further out).
TREE = (
    (0, 1), (1, 3), (0, 2), (2, 4), (0, 5), (5, 7), (7, 9), (5, 11),
    (11, 13), (13, 15), (0, 6), (6, 8), (8, 10), (6, 12), (12, 14), (14, 16),
)  # fmt: skip
JOINTS = 17
#: How often the offset map corrects a place that was reached along an edge.
REFINEMENTS = 2


class Maps(NamedTuple):
    """What the network says about every cell; cell (i, j) stands for the input pixel x = stride j, y = stride i.

    heatmap: (17, h, w), probabilities. offset: (17, 2, h, w), from the cell to the joint. forward, backward:
    (16, 2, h, w), from one end of an edge of TREE to the other, away from the nose and back. Vectors are (x, y) in
    input pixels.
    """

    heatmap: Floats
    offset: Floats
    forward: Floats
    backward: Floats
    stride: int


class People(NamedTuple):
    """keypoints: (N, 17, 2) float32, (x, y) in input pixels. joint_scores: (N, 17). scores: (N,). Best start first."""

    keypoints: Floats
    joint_scores: Floats
    scores: Floats


def decode_people(maps: Maps, *, start_score: float, radius: float, max_people: int) -> People:
    """Find people.

    start_score: lowest joint score from which a person is started. radius: input pixels within which two places of one
    joint are the same. A person's score is the mean of the joints' scores, those left out (counted as 0) that lie on
    the same joint of a better person.
    """
    joints, cells = local_maxima(maps.heatmap, start_score)
    starts = cells[:, ::-1] * np.float32(maps.stride) + maps.offset[joints, :, cells[:, 0], cells[:, 1]]
    keypoints, scores = follow_tree(maps, joints, starts, maps.heatmap[joints, cells[:, 0], cells[:, 1]])

    chosen: list[int] = []
    totals: list[float] = []
    for index, joint in enumerate(joints):
        if len(chosen) == max_people:
            break
        apart = np.linalg.norm(keypoints[chosen] - keypoints[index], axis=2) > radius  # (people so far, 17)
        if apart[:, joint].all():
            totals.append(float(scores[index][apart.all(axis=0)].sum()) / JOINTS)
            chosen.append(index)
    return People(keypoints[chosen], scores[chosen], np.array(totals, np.float32))


def local_maxima(heatmap: Floats, floor: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Joints (M,) and cells (M, 2) as (row, column), by falling score: those that reach the floor and that no cell of
    their 3 x 3 neighbourhood exceeds."""
    padded = np.pad(heatmap, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2)).max(axis=(3, 4))
    joints, rows, columns = np.nonzero((heatmap >= floor) & (heatmap == around))
    order = np.argsort(-heatmap[joints, rows, columns], kind="stable")
    return joints[order], np.stack([rows[order], columns[order]], axis=1)


def follow_tree(maps: Maps, joints: NDArray[np.intp], starts: Floats, start_scores: Floats) -> tuple[Floats, Floats]:
    """Complete M people at once, each from one joint: keypoints (M, 17, 2) and scores (M, 17).

    joints: (M,). starts: (M, 2), (x, y) in input pixels. start_scores: (M,).
    """
    count = len(joints)
    everyone = np.arange(count)
    keypoints = np.zeros((count, JOINTS, 2), np.float32)
    scores = np.zeros((count, JOINTS), np.float32)
    known = np.zeros((count, JOINTS), bool)
    keypoints[everyone, joints], scores[everyone, joints], known[everyone, joints] = starts, start_scores, True
    back = [(edge, child, parent, maps.backward) for edge, (parent, child) in enumerate(TREE)][::-1]
    out = [(edge, parent, child, maps.forward) for edge, (parent, child) in enumerate(TREE)]
    for edge, source, target, displacement in back + out:
        who = np.flatnonzero(known[:, source] & ~known[:, target])
        if len(who):
            places = step(maps, displacement[edge], keypoints[who, source], target)
            rows, columns = cell_of(maps, places)
            keypoints[who, target], known[who, target] = places, True
            scores[who, target] = maps.heatmap[target, rows, columns]
    return keypoints, scores


def step(maps: Maps, displacement: Floats, places: Floats, target: int) -> Floats:
    """Go from places (K, 2) along one edge's displacement (2, h, w) to the joint target, (K, 2)."""
    rows, columns = cell_of(maps, places)
    places = places + displacement[:, rows, columns].T
    for _ in range(REFINEMENTS):
        rows, columns = cell_of(maps, places)
        cells = np.stack([columns, rows], axis=1) * np.float32(maps.stride)
        places = (cells + maps.offset[target][:, rows, columns].T).astype(np.float32)
    return places


def cell_of(maps: Maps, places: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the cells nearest to places (K, 2)."""
    height, width = maps.heatmap.shape[1:]
    cells = np.rint(places / maps.stride).astype(np.intp)
    return np.clip(cells[:, 1], 0, height - 1), np.clip(cells[:, 0], 0, width - 1)
