"""MoveNet MultiPose (Google, 2021, Apache-2.0): up to six people and their joints in one pass.

Backbone, pyramid and branches are those of MoveNet. Every local maximum of the centre heatmap is a person with a box
("Objects as Points", arXiv 1904.07850); each joint is looked for in its own heatmap, inside the box and near the
place that is regressed from the person's middle.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.models.nets.mobilenet import MobileNetV2, Widths
from cvdemo.models.nets.movenet import JOINTS, Branch, FeaturePyramid, half, normalise

PEOPLE = 6
WIDTHS = Widths(48, 24, 40, 48, 96, 144, 240, 480)


class Maps(NamedTuple):
    """What the head says about every cell, each (N, channels, h, w). Vectors are (y, x) in cells."""

    center: Tensor
    box_size: Tensor
    box_offset: Tensor
    heatmap: Tensor
    regression: Tensor
    offset: Tensor


class Head(nn.Module):
    """(N, 24, h, w) -> Maps.

    center_heatmap: (N, 1, h, w), a person's middle is here. box_size: (N, 2, h, w), height and width of the person.
    box_offset: (N, 2, h, w), from the cell's corner to the middle. keypoint_heatmap: (N, 17, h, w), this joint is
    here. keypoint_regression: (N, 34, h, w), from the middle's cell to the joints. keypoint_offset: (N, 34, h, w), from
    the cell's corner to the joint that lies in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.center_heatmap = Branch(1, heatmap=True)
        self.box_size = Branch(2)
        self.box_offset = Branch(2)
        self.keypoint_heatmap = Branch(JOINTS, heatmap=True)
        self.keypoint_regression = Branch(2 * JOINTS)
        self.keypoint_offset = Branch(2 * JOINTS)

    def forward(self, x: Tensor) -> Maps:
        return Maps(
            self.center_heatmap(x),
            self.box_size(x),
            self.box_offset(x),
            self.keypoint_heatmap(x),
            self.keypoint_regression(x),
            self.keypoint_offset(x),
        )


class MultiPose(nn.Module):
    """(N, 3, H, W) RGB 0..255, H and W multiples of 32 -> one tensor (N, 6, 56), the likeliest person first.

    A row is 17 x (y, x, score), then ymin, xmin, ymax, xmax and the person's score; coordinates are parts of the
    input's height and width.
    """

    def __init__(self) -> None:
        super().__init__()
        self.backbone = MobileNetV2(WIDTHS)
        self.fpn = FeaturePyramid(WIDTHS)
        self.head = Head()

    def forward(self, x: Tensor) -> tuple[Tensor]:
        maps = self.head(self.fpn(*self.backbone(normalise(x))))
        return (people(Maps(*(each.float() for each in maps))),)


def people(maps: Maps) -> Tensor:
    """The maps of the head -> (N, 6, 56)."""
    height, width = maps.heatmap.shape[-2:]
    center_score, cell = center_peaks(maps.center)
    row, column = (cell // width).float(), (cell % width).float()  # (N, 6)

    boxes = box_corners(maps, cell, row, column)
    vectors = take(maps.regression, cell).reshape(-1, PEOPLE, JOINTS, 2)
    guess_y, guess_x = row[..., None] + vectors[..., 0], column[..., None] + vectors[..., 1]  # (N, 6, 17)
    likely = near_and_inside(maps.heatmap, guess_y, guess_x, boxes).flatten(3)  # (N, 6, 17, h * w)
    joint_cell = likely.argmax(3)
    score = score_at(likely, joint_cell)

    offset = maps.offset.reshape(-1, JOINTS, 2, height * width)
    index = joint_cell.permute(0, 2, 1)[:, :, None].expand(-1, -1, 2, -1)
    within = offset.gather(3, index).permute(0, 3, 1, 2)  # (N, 6, 17, 2)
    y = ((joint_cell // width).float() + within[..., 0]) / height
    x = ((joint_cell % width).float() + within[..., 1]) / width

    seen = score > half(0.127)
    count = seen.sum(2).clamp(min=1)
    person_score = center_score * torch.where(seen, score, torch.zeros_like(score)).sum(2) / count
    extent = boxes.new_tensor([height, width, height, width])
    joints = torch.stack([y, x, score], dim=3).flatten(2)
    return torch.cat([joints, (boxes / extent).clamp(0, 1), person_score[..., None]], dim=2)


def center_peaks(center: Tensor) -> tuple[Tensor, Tensor]:
    """(N, 1, h, w) -> scores and cell indices, both (N, 6): the best local maxima of 5 x 5 cells."""
    peak = (center - F.max_pool2d(center, 5, stride=1, padding=2)).abs() < half(1e-6)
    score, cell = (center * peak).flatten(1).topk(PEOPLE, dim=1)
    return score, cell


def take(maps: Tensor, cell: Tensor) -> Tensor:
    """(N, C, h, w) at cell indices (N, K) -> (N, K, C)."""
    flat = maps.flatten(2)
    return flat.gather(2, cell[:, None].expand(-1, flat.shape[1], -1)).transpose(1, 2)


def box_corners(maps: Maps, cell: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """(N, 6, 4): ymin, xmin, ymax, xmax in cells, inside the map."""
    height, width = maps.center.shape[-2:]
    middle = torch.stack([row, column], dim=2) + take(maps.box_offset, cell)
    size = take(maps.box_size, cell).clamp(min=0) * 0.5
    low, high = middle - size, middle + size
    y = torch.stack([low[..., 0], high[..., 0]], dim=2).clamp(0, height)
    x = torch.stack([low[..., 1], high[..., 1]], dim=2).clamp(0, width)
    return torch.stack([y[..., 0], x[..., 0], y[..., 1], x[..., 1]], dim=2)


def near_and_inside(heatmap: Tensor, guess_y: Tensor, guess_x: Tensor, boxes: Tensor) -> Tensor:
    """Joint heatmaps (N, 17, h, w) as each person sees them: (N, 6, 17, h, w).

    Weighted with a Gaussian around the guesses (N, 6, 17) and zero outside of the boxes (N, 6, 4). Both factors are
    products of a function of y and one of x, so they are made for the rows and the columns apart.
    """
    height, width = heatmap.shape[-2:]
    spread = min(height, width) * half(0.3)

    def window(size: int, guess: Tensor, low: Tensor, high: Tensor) -> Tensor:
        axis = torch.arange(size, device=guess.device, dtype=guess.dtype)
        inside = (axis >= low[..., None]) & (axis < high[..., None])  # (N, 6, size)
        near = torch.exp(-((axis - guess[..., None]) ** 2) / spread)  # (N, 6, 17, size)
        return near * inside[:, :, None]

    rows = window(height, guess_y, boxes[..., 0], boxes[..., 2])
    columns = window(width, guess_x, boxes[..., 1], boxes[..., 3])
    return heatmap[:, None] * rows[..., :, None] * columns[..., None, :]


def score_at(likely: Tensor, joint_cell: Tensor) -> Tensor:
    """Scores (N, 6, 17) of joints at their cells: the largest that any person has there, as in the published graph.

    likely: (N, 6, 17, h * w). joint_cell: (N, 6, 17).
    """
    index = joint_cell.transpose(1, 2)[:, None].expand(-1, PEOPLE, -1, -1)  # (N, person, 17, person asking)
    return likely.gather(3, index).amax(1).transpose(1, 2)
