"""CenterNet and NanoDet from picture to boxes, against decodings that are slow and plain."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cvdemo.imaging import image_from_pixels
from cvdemo.labels import COCO
from cvdemo.models import family_of
from cvdemo.models.boxes import select
from cvdemo.models.centernet import peaks
from cvdemo.registry import REGISTRY
from cvdemo.types import Detections, Image, RawOutput
from tests.models.oracle import photo
from tests.models.test_oracle import load

NETWORKS = ("centernet", "nanodet")
Box = tuple[float, float, float, float]
Candidate = tuple[float, int, Box]
COMPARED = 60


def picture(name: str) -> Image:
    from skimage import data

    return image_from_pixels(np.ascontiguousarray(getattr(data, name)()[..., :3]), name)


def run(name: str, image: Image) -> RawOutput:
    spec = REGISTRY.get(name)
    family = family_of(spec)
    prepared = family.preprocess(spec, image, None)
    with torch.inference_mode():
        outputs = load(name)(torch.tensor(prepared.inputs))
    arrays = {key: output.numpy() for key, output in zip(family.output_names, outputs, strict=True)}
    return RawOutput(arrays, prepared.letterboxes, image.size_hw)


def to_picture(box: Box, image: Image, side: int) -> Box:
    """From the letterboxed square back to the picture: centred, proportions kept."""
    height, width = image.size_hw
    scale = side / max(height, width)
    new_h, new_w = round(height * scale), round(width * scale)
    left, top = (side - new_w) // 2, (side - new_h) // 2
    x0, y0, x1, y1 = box
    return (
        (x0 - left) * width / new_w,
        (y0 - top) * height / new_h,
        (x1 - left) * width / new_w,
        (y1 - top) * height / new_h,
    )


def largest(values: NDArray[np.float32], count: int) -> list[tuple[int, ...]]:
    """Places of the largest values."""
    order = np.argsort(-values, axis=None)[:count]
    return [tuple(int(n) for n in place) for place in np.stack(np.unravel_index(order, values.shape), axis=1)]


def slow_centernet(raw: RawOutput, image: Image) -> list[Candidate]:
    """Cell by cell: a peak is no smaller than its neighbours; the box from the cell's corner at 4 (column, row)."""
    heat, wh = raw.outputs["heatmap"][0], raw.outputs["distances"][0]
    found = []
    for k, j, i in largest(heat, 2000):
        if heat[k, j, i] < heat[k, max(j - 1, 0) : j + 2, max(i - 1, 0) : i + 2].max():
            continue
        d = [float(v) for v in wh[:, j, i]]
        box = (4.0 * i - d[0], 4.0 * j - d[1], 4.0 * i + d[2], 4.0 * j + d[3])
        found.append((float(heat[k, j, i]), k, to_picture(box, image, 512)))
    return found


def slow_nanodet(raw: RawOutput, image: Image) -> list[Candidate]:
    """Cell by cell: softmax expectation of each side's 11 bins, from the cell's centre."""
    found = []
    for stride in (8, 16, 32):
        scores, logits = raw.outputs[f"scores{stride}"][0], raw.outputs[f"distances{stride}"][0]
        for k, j, i in largest(scores, 200):
            d = []
            for side in range(4):
                e = np.exp(logits[11 * side : 11 * side + 11, j, i].astype(np.float64))
                d.append(float((e / e.sum() * np.arange(11)).sum()) * stride)
            x, y = (i + 0.5) * stride, (j + 0.5) * stride
            box = (x - d[0], y - d[1], x + d[2], y + d[3])
            found.append((float(scores[k, j, i]), k, to_picture(box, image, 416)))
    return found


SLOW = {"centernet": slow_centernet, "nanodet": slow_nanodet}


def is_visible(box: Box, image: Image) -> bool:
    height, width = image.size_hw
    return min(box[2], width) > max(box[0], 0) and min(box[3], height) > max(box[1], 0)


@pytest.mark.parametrize("photo_name", ["astronaut", "cat", "coffee"])
@pytest.mark.parametrize("name", NETWORKS)
def test_decoding_equals_the_slow_one(name: str, photo_name: str) -> None:
    image = picture(photo_name)
    raw = run(name, image)
    visible = [candidate for candidate in SLOW[name](raw, image) if is_visible(candidate[2], image)]
    expected = sorted(visible, key=lambda candidate: -candidate[0])[:COMPARED]
    assert len(expected) == COMPARED
    found = family_of(REGISTRY.get(name)).decode(REGISTRY.get(name), raw)
    assert isinstance(found, Detections)
    for i, (score, class_id, box) in enumerate(expected):
        assert (found.scores[i], found.class_ids[i]) == (np.float32(score), class_id)
        np.testing.assert_allclose(found.xyxy[i], box, atol=0.02)


@pytest.mark.parametrize(("photo_name", "label"), [("astronaut", "person"), ("cat", "cat")])
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_see_what_is_there(name: str, photo_name: str, label: str) -> None:
    spec = REGISTRY.get(name)
    image = picture(photo_name)
    found = family_of(spec).decode(spec, run(name, image))
    assert isinstance(found, Detections)
    best = select(found, score_threshold=spec.score_threshold, iou_threshold=0.6)
    assert COCO[best.class_ids[0]] == label
    width, height = best.xyxy[0, 2:] - best.xyxy[0, :2]
    assert width * height > 0.15 * image.size_hw[0] * image.size_hw[1]


@pytest.mark.parametrize("name", NETWORKS)
def test_candidates_are_bounded_ordered_and_on_the_picture(name: str) -> None:
    """Outputs as no trained network gives them: high scores all over, boxes far too large or turned inside out."""
    spec = REGISTRY.get(name)
    family = family_of(spec)
    image = Image(np.zeros((301, 733, 3), np.uint8), "0", "blank")
    raw = run(name, image)
    rng = np.random.default_rng(3)
    noise = {k: rng.uniform(-900, 900, v.shape).astype(np.float32) for k, v in raw.outputs.items()}
    noise = {k: v / 2000 + 0.5 if k.startswith(("heat", "scores")) else v for k, v in noise.items()}
    found = family.decode(spec, RawOutput(noise, raw.letterboxes, raw.size_hw))
    assert isinstance(found, Detections)
    assert 0 < len(found) <= 1000
    assert (np.diff(found.scores) <= 0).all()
    chosen = select(found, score_threshold=0.3, iou_threshold=0.6).xyxy
    assert 0 < len(chosen) <= 100
    assert (chosen >= 0).all()
    assert (chosen <= [733, 301, 733, 301]).all()
    assert (chosen[:, 2:] > chosen[:, :2]).all()


@pytest.mark.parametrize("name", NETWORKS)
def test_nothing_found_is_an_empty_result(name: str) -> None:
    spec = REGISTRY.get(name)
    raw = run(name, Image(np.zeros((40, 60, 3), np.uint8), "0", "blank"))
    nothing = RawOutput({k: np.zeros_like(v) for k, v in raw.outputs.items()}, raw.letterboxes, raw.size_hw)
    found = family_of(spec).decode(spec, nothing)
    assert isinstance(found, Detections)
    assert len(found) == 0
    assert found.size_hw == (40, 60)


def neighbours_max(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(plane, 1, constant_values=-1)
    h, w = plane.shape
    return np.max([padded[y : y + h, x : x + w] for y in range(3) for x in range(3)], axis=0)


def test_peaks_on_borders_and_plateaus() -> None:
    heatmap = np.random.default_rng(0).integers(0, 5, (6, 17, 23)).astype(np.float32) / 5
    heatmap[2] = 0
    found = peaks(heatmap, floor=0.1)
    expected = {
        (k, y, x)
        for k, plane in enumerate(heatmap)
        for y, x in zip(*np.nonzero((plane >= 0.1) & (plane == neighbours_max(plane))), strict=True)
    }
    class_ids, rows, columns = np.unravel_index(found, heatmap.shape)
    assert set(zip(class_ids, rows, columns, strict=True)) == expected
    assert 2 not in class_ids
    assert (np.diff(heatmap.ravel()[found]) <= 0).all()


def red(name: str) -> NDArray[np.float32]:
    """(3,): what the network gets in the middle of a pure red picture."""
    spec = REGISTRY.get(name)
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[..., 0] = 255
    inputs = family_of(spec).preprocess(spec, Image(pixels, "0", "red"), None).inputs
    assert inputs.shape == (1, 3, *spec.input_hw)
    middle: NDArray[np.float32] = inputs[0, :, spec.input_hw[0] // 2, spec.input_hw[1] // 2]
    return middle


def test_centernet_gets_rgb_as_it_is() -> None:
    np.testing.assert_array_equal(red("centernet"), [255, 0, 0])


def test_nanodet_gets_normalised_bgr() -> None:
    expected = [-103.53 / 57.375, -116.28 / 57.12, (255 - 123.675) / 58.395]
    np.testing.assert_allclose(red("nanodet"), expected, rtol=1e-5)


def test_preprocessing_of_an_unscaled_square_is_the_reference_recipe() -> None:
    from tests.models.oracle import nanodet_input

    pixels = photo("astronaut", 416)
    spec = REGISTRY.get("nanodet")
    inputs = family_of(spec).preprocess(spec, Image(pixels, "0", "square"), None).inputs
    np.testing.assert_allclose(inputs, nanodet_input(pixels), atol=1e-5)
