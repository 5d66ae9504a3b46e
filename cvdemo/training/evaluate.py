"""Accuracy of installed models, each picture going through the app's own path: load, prepare, run, decode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo import tasks
from cvdemo.imaging import image_from_pixels, load_image
from cvdemo.registry import ModelSpec
from cvdemo.training.fashion_mnist import Garments, read_garments
from cvdemo.training.metrics import ConfusionMatrix
from cvdemo.training.segmentation_data import pair_paths, read_mask
from cvdemo.training.tta import averaged
from cvdemo.types import Image, Timed


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """matrix: true against predicted classes. seconds: per picture, prepare to decode. pictures: how many."""

    matrix: ConfusionMatrix
    seconds: float
    pictures: int


def evaluate_fashion(spec: ModelSpec, garments: Garments | None = None) -> Evaluation:
    """A garment network on the 10,000 test images (or on other garments). Raises DatasetError, WeightsError."""
    garments = garments if garments is not None else read_garments("test")
    rgb = np.repeat(garments.images[..., None], 3, axis=3)
    pairs = (
        (image_from_pixels(pixels, f"garment {index}"), np.array([label]))
        for index, (pixels, label) in enumerate(zip(rgb, garments.labels, strict=True))
    )
    return _evaluate(spec, pairs)


def evaluate_segment(spec: ModelSpec, data: Path, split: str = "val", *, tta: bool = False) -> Evaluation:
    """A segmentation network on a split of the folder data, each mask compared at its own size.

    tta: average over several sizes and mirror images, see cvdemo.training.tta. Raises DatasetError, WeightsError.
    """
    return _evaluate(spec, _scenes(data, split, len(spec.class_names)), averaged if tta else tasks.run)


def _scenes(data: Path, split: str, classes: int) -> Iterator[tuple[Image, NDArray[np.uint8]]]:
    for image_path, mask_path in pair_paths(data, split):
        image = load_image(image_path.read_bytes(), image_path.name)
        yield image, read_mask(mask_path, image.size_hw, classes)


def _evaluate(
    spec: ModelSpec,
    pairs: Iterator[tuple[Image, NDArray[np.integer]]],
    run: Callable[[ModelSpec, Image], Timed[Any]] = tasks.run,
) -> Evaluation:
    matrix = ConfusionMatrix(len(spec.class_names))
    seconds, pictures = 0.0, 0
    for image, truth in pairs:
        timed = run(spec, image)
        seconds += timed.preprocess_s + timed.forward_s + timed.postprocess_s
        pictures += 1
        if spec.task == "segment":
            matrix.add(truth, timed.result.class_map)
        else:
            matrix.add(truth, timed.result.probs.argmax(keepdims=True))
    return Evaluation(matrix=matrix, seconds=seconds / max(pictures, 1), pictures=pictures)
