"""Reading folders of pictures with masks, and the random views of them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from cvdemo.errors import DatasetError
from cvdemo.models.unet import FILL
from cvdemo.training.segment_recipes import SegmentRecipe
from cvdemo.training.segmentation_data import Pair, class_weights, read_split
from cvdemo.training.views import Batches, augment

SIZE = (48, 64)
CLASSES = VOID = 11


def _recipe(*crop_hw: int, batch_size: int = 1) -> SegmentRecipe:
    return SegmentRecipe(epochs=1, crop_hw=(crop_hw[0], crop_hw[1]), batch_size=batch_size)


def _scene(seed: int = 0) -> Pair:
    """A picture whose colour is a function of its class, so that view and labels can be compared."""
    rng = np.random.default_rng(seed)
    mask = np.kron(rng.integers(0, VOID, (6, 8)), np.ones((8, 8))).astype(np.uint8)
    return np.repeat((mask * 20)[..., None], 3, axis=2), mask


def write_scenes(folder: Path, split: str, count: int = 3) -> None:
    """A tiny CamVid folder."""
    for part in ("images", "masks"):
        (folder / split / part).mkdir(parents=True, exist_ok=True)
    for index in range(count):
        image, mask = _scene(index)
        cv2.imwrite(str(folder / split / "images" / f"s{index}.png"), image)
        cv2.imwrite(str(folder / split / "masks" / f"s{index}.png"), mask)


def test_reads_what_was_written(tmp_path: Path) -> None:
    write_scenes(tmp_path, "train")
    pairs = read_split(tmp_path, "train", CLASSES)
    assert len(pairs) == 3
    for index, (image, mask) in enumerate(pairs):
        np.testing.assert_array_equal(image, _scene(index)[0])
        np.testing.assert_array_equal(mask, _scene(index)[1])


def test_pictures_are_scaled_to_the_size_they_are_trained_at(tmp_path: Path) -> None:
    write_scenes(tmp_path, "train", 1)
    image, mask = read_split(tmp_path, "train", CLASSES, long_side=32)[0]
    assert image.shape == (24, 32, 3)
    np.testing.assert_array_equal(mask, _scene()[1][1::2, 1::2])  # cells of 8 pixels: any pixel of a cell will do


def test_a_balance_of_zero_weighs_all_classes_alike() -> None:
    np.testing.assert_array_equal(class_weights([_scene()], CLASSES, balance=0.0), np.ones(CLASSES))


def test_colours_are_red_green_blue(tmp_path: Path) -> None:
    write_scenes(tmp_path, "train", 1)
    red_in_bgr = np.zeros((*SIZE, 3), np.uint8)
    red_in_bgr[..., 2] = 255
    cv2.imwrite(str(tmp_path / "train" / "images" / "s0.png"), red_in_bgr)
    image, _ = read_split(tmp_path, "train", CLASSES)[0]
    assert image[0, 0].tolist() == [255, 0, 0]


def test_an_absent_folder_is_named_with_the_layout(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="--data"):
        read_split(tmp_path, "train", CLASSES)


def test_a_picture_without_mask_is_named(tmp_path: Path) -> None:
    write_scenes(tmp_path, "val")
    (tmp_path / "val" / "masks" / "s1.png").unlink()
    with pytest.raises(DatasetError, match=r"s1\.png"):
        read_split(tmp_path, "val", CLASSES)


@pytest.mark.parametrize("bad", [np.zeros((5, 5), np.uint8), np.full(SIZE, VOID + 1, np.uint8), None])
def test_a_mask_that_is_none_is_refused(tmp_path: Path, bad: np.ndarray | None) -> None:
    write_scenes(tmp_path, "val")
    path = tmp_path / "val" / "masks" / "s0.png"
    if bad is None:
        path.write_bytes(b"not a png")
    else:
        cv2.imwrite(str(path), bad)
    with pytest.raises(DatasetError, match="not a mask"):
        read_split(tmp_path, "val", CLASSES)


def test_rare_classes_weigh_more() -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[:10] = 1
    mask[0, :4] = VOID
    weights = class_weights([(np.zeros((100, 100, 3), np.uint8), mask)], CLASSES)
    assert weights[1] > weights[0]
    np.testing.assert_allclose(weights[1] / weights[0], np.sqrt(9000 / 996), rtol=1e-5)


def test_labels_stay_on_their_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cvdemo.training.views._random_look", lambda view, rng: view)
    rng = np.random.default_rng(0)
    agree = []
    for index in range(20):
        view, labels = augment(_scene(index), _recipe(32, 48), VOID, rng)
        assert view.shape == (32, 48, 3)
        known = labels != VOID
        agree.append((np.abs(view[..., 0][known].astype(int) - labels[known] * 20) <= 10).mean())
    assert np.mean(agree) > 0.85  # the rest are blends along edges


def test_what_lies_outside_of_the_scene_is_void_and_grey() -> None:
    image, mask = np.full((40, 40, 3), 200, np.uint8), np.zeros((40, 40), np.uint8)
    rng = np.random.default_rng(3)
    seen = 0
    for _ in range(10):
        _, labels = augment((image, mask), _recipe(64, 64), VOID, rng)
        seen += int((labels == VOID).sum())
        assert set(np.unique(labels)) <= {0, VOID}
    assert seen > 0
    assert FILL == 127


def test_an_epoch_always_has_the_same_batches() -> None:
    batches = Batches([_scene(i) for i in range(5)], _recipe(32, 32, batch_size=2), VOID)
    assert len(batches) == 2
    first, again, other = (list(batches(epoch)) for epoch in (0, 0, 1))
    assert all((a[0] == b[0]).all() and (a[1] == b[1]).all() for a, b in zip(first, again, strict=True))
    assert any((a[0] != b[0]).any() for a, b in zip(first, other, strict=True))
    inputs, labels = first[0]
    assert inputs.shape == (2, 3, 32, 32)
    assert labels.shape == (2, 32, 32)
    assert float(inputs.abs().max()) <= 1.0
