"""Reading Fashion-MNIST, and the random changes to its pictures."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from cvdemo.errors import DatasetError
from cvdemo.fashion_samples import fashion_samples
from cvdemo.training.augment_garments import Augmentation
from cvdemo.training.fashion_mnist import (
    FILES,
    HELD_OUT,
    Garments,
    find_fashion_mnist,
    read_garments,
    split_held_out,
)
from tests.conftest import need


def _idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def _write(folder: Path, *, packed: bool, count: int = 12) -> Garments:
    rng = np.random.default_rng(count)
    images, labels = rng.integers(0, 256, (count, 28, 28), np.uint8), rng.integers(0, 10, count, np.uint8)
    for names in FILES.values():
        for name, array in zip(names, (images, labels), strict=True):
            data = _idx(array)
            path = folder / (f"{name}.gz" if packed else name)
            path.write_bytes(gzip.compress(data) if packed else data)
    return Garments(images, labels)


@pytest.mark.parametrize("packed", [True, False])
def test_reads_what_was_written(tmp_path: Path, packed: bool) -> None:
    written = _write(tmp_path, packed=packed)
    read = read_garments("train", tmp_path)
    np.testing.assert_array_equal(read.images, written.images)
    np.testing.assert_array_equal(read.labels, written.labels)


def test_the_chosen_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, packed=True)
    monkeypatch.setenv("CVDEMO_DATA", str(tmp_path))
    assert find_fashion_mnist() == tmp_path


def test_torchvisions_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    _write(raw, packed=False)
    monkeypatch.setenv("CVDEMO_DATA", str(tmp_path))
    monkeypatch.setattr("cvdemo.training.fashion_mnist.DEBIAN_FOLDER", tmp_path / "absent")
    assert find_fashion_mnist() == raw


def test_an_absent_data_set_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cvdemo.training.fashion_mnist.fashion_folders", lambda: [tmp_path])
    with pytest.raises(DatasetError, match=r"dataset-fashion-mnist.*CVDEMO_DATA"):
        read_garments("test")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        b"nonsense",
        _idx(np.zeros((12, 28, 28), np.uint8))[:-1],
        _idx(np.zeros((12, 28, 28), np.uint8)) + b"x",
        _idx(np.zeros((12, 28, 28), np.uint8)).replace(b"\x08", b"\x0d", 1),
        _idx(np.zeros((12, 28, 27), np.uint8)),
        _idx(np.zeros((11, 28, 28), np.uint8)),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    _write(tmp_path, packed=False)
    (tmp_path / FILES["test"][0]).write_bytes(data)
    with pytest.raises(DatasetError, match="fetch"):
        read_garments("test", tmp_path)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, packed=True)
    path = tmp_path / f"{FILES['test'][0]}.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DatasetError, match="cannot be read"):
        read_garments("test", tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="t10k-images-idx3-ubyte"):
        read_garments("test", tmp_path)


def test_the_real_data_set_and_its_held_out_part() -> None:
    need(find_fashion_mnist() is not None, "Fashion-MNIST")
    train, test = read_garments("train"), read_garments("test")
    assert (len(train), len(test)) == (60_000, 10_000)
    assert np.bincount(test.labels).tolist() == [1000] * 10
    training, held_out = split_held_out(train)
    assert (len(training), len(held_out)) == (55_000, HELD_OUT)
    samples = fashion_samples()
    np.testing.assert_array_equal(test.images[samples.test_index], samples.images)
    np.testing.assert_array_equal(test.labels[samples.test_index], samples.labels)


def _pictures() -> np.ndarray:
    return fashion_samples().images[::50]


def test_no_augmentation_changes_nothing() -> None:
    images = _pictures()
    np.testing.assert_array_equal(Augmentation()(images, np.random.default_rng(0)), images)


def test_shifting_moves_pixels_and_invents_none() -> None:
    image = np.zeros((200, 28, 28), np.uint8)
    image[:, 10, 12] = 255
    moved = Augmentation(shift=2)(image, np.random.default_rng(0))
    _, rows, columns = np.nonzero(moved)
    assert len(rows) == 200
    assert set(rows) == {8, 9, 10, 11, 12}
    assert set(columns) == {10, 11, 12, 13, 14}


def test_mirroring_turns_about_half() -> None:
    images = np.repeat(_pictures()[:1], 400, axis=0)
    turned = Augmentation(mirror=True)(images, np.random.default_rng(0))
    flips = (turned == images[:, :, ::-1]).all((1, 2))
    assert ((turned == images).all((1, 2)) | flips).all()
    assert 150 < flips.sum() < 250


def test_erasing_touches_about_the_asked_share_and_only_a_rectangle() -> None:
    images = np.zeros((400, 28, 28), np.uint8)
    erased = Augmentation(erase=0.5)(images, np.random.default_rng(0)) > 0
    touched = erased.any((1, 2))
    assert 150 < touched.sum() < 250
    for hole in erased[touched][:20]:
        rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
        box = hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert box.mean() > 0.9
        assert hole.mean() <= 0.31


def test_changes_depend_on_the_generator_alone() -> None:
    strong = Augmentation(shift=2, mirror=True, erase=0.5)
    first, again, other = (strong(_pictures(), np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
