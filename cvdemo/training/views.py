"""Random views of labelled pictures: the changes that make few pictures go a long way."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cvdemo.models.unet import FILL, normalise
from cvdemo.training.segment_recipes import SegmentRecipe
from cvdemo.training.segmentation_data import Pair

#: A view is never so far away that the picture fills less than this share of the crop's shorter side.
_LEAST_COVER = 0.6


def augment(pair: Pair, recipe: SegmentRecipe, void: int, rng: np.random.Generator) -> Pair:
    """A random view of a picture: scaled, turned, mirrored, shifted, cropped to crop_hw; colours, blur, noise."""
    image, mask = pair
    matrix = _random_view(mask.shape, recipe, rng)
    size_wh = recipe.crop_hw[::-1]
    view = cv2.warpAffine(image, matrix, size_wh, flags=cv2.INTER_LINEAR, borderValue=(FILL, FILL, FILL))
    labels = cv2.warpAffine(mask, matrix, size_wh, flags=cv2.INTER_NEAREST, borderValue=void)
    return _random_look(np.asarray(view, np.uint8), rng), np.asarray(labels, np.uint8)


def _random_view(size_hw: tuple[int, ...], recipe: SegmentRecipe, rng: np.random.Generator) -> NDArray[np.float64]:
    """(2, 3) matrix that maps picture pixels to crop pixels."""
    crop_hw = recipe.crop_hw
    scale = float(np.exp(rng.uniform(*np.log(recipe.scale))))
    scale = max(scale, _LEAST_COVER * min(crop_hw[0] / size_hw[0], crop_hw[1] / size_hw[1]))
    stretch = float(np.exp(rng.uniform(-0.1, 0.1)))
    angle = np.deg2rad(rng.uniform(-recipe.turn, recipe.turn))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([scale * stretch * mirror, scale / stretch])
    spare = [max(side * scale - crop, 0.0) for side, crop in zip(size_hw[::-1], crop_hw[::-1], strict=True)]
    shift = np.array([(rng.random() - 0.5) * room for room in spare])
    centre = np.array([size_hw[1], size_hw[0]]) / 2
    target = np.array([crop_hw[1], crop_hw[0]]) / 2
    return np.column_stack([linear, target + shift - linear @ centre])


def _random_look(view: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Other light, other colours, sometimes out of focus or grainy."""
    if rng.random() < 0.15:
        view = np.asarray(cv2.GaussianBlur(view, (0, 0), rng.uniform(0.5, 1.5)), np.uint8)
    pixels = view.astype(np.float32)
    if rng.random() < 0.8:
        grey = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
        pixels = grey[..., None] + (pixels - grey[..., None]) * np.float32(rng.uniform(0.5, 1.5))
        pixels *= rng.uniform(0.9, 1.1, 3).astype(np.float32)
        mean = np.float32(pixels.mean())
        pixels = (pixels - mean) * np.float32(rng.uniform(0.7, 1.4)) + mean * np.float32(rng.uniform(0.6, 1.4))
    if rng.random() < 0.15:
        pixels += rng.normal(0, rng.uniform(2, 8), pixels.shape).astype(np.float32)
    return pixels.clip(0, 255).astype(np.uint8)


class Batches:
    """Random crops of a split, batch by batch; the same epoch number always gives the same batches."""

    def __init__(self, pairs: list[Pair], recipe: SegmentRecipe, void: int, seed: int = 0) -> None:
        self.pairs = pairs
        self.recipe = recipe
        self.void = void
        self.batch_size = min(recipe.batch_size, len(pairs))
        self.seed = seed

    def __len__(self) -> int:
        return len(self.pairs) // self.batch_size

    def __call__(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Pairs of inputs (N, 3, h, w) float32 and labels (N, h, w) int64."""
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(len(self.pairs))[: len(self) * self.batch_size]
        for index in order.reshape(len(self), self.batch_size):
            views = [augment(self.pairs[i], self.recipe, self.void, rng) for i in index]
            inputs = torch.from_numpy(np.stack([normalise(view) for view, _ in views]))
            labels = torch.from_numpy(np.stack([mask for _, mask in views]).astype(np.int64))
            yield inputs, labels
