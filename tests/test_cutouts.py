"""Cut-outs from the command line, with the real networks on real photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from cvdemo.cli import main
from cvdemo.registry import REGISTRY
from cvdemo.samples import SAMPLES
from cvdemo.weights import unavailable_reason
from tests.conftest import need


@pytest.fixture(autouse=True)
def _weights() -> None:
    for name in ("unet-street", "unet-clothing", "centernet"):
        need(unavailable_reason(REGISTRY.get(name)) is None, f"the weights of {name}")


def _photo(name: str) -> Path:
    file = next(sample for sample in SAMPLES if sample.name == name).file
    assert file is not None
    return file


def _cutout(output: Path, *arguments: str | Path) -> int:
    return main(["cutout", "--output", str(output), *map(str, arguments)])


def test_a_person_close_up_is_cut_out_with_the_network_for_clothes(tmp_path: Path) -> None:
    assert _cutout(tmp_path / "new" / "out", _photo("admiral")) == 0
    cut = np.array(PIL.Image.open(tmp_path / "new" / "out" / "grace_hopper.png"))
    photo = np.array(PIL.Image.open(_photo("admiral")).convert("RGB"))
    assert cut.shape == (*photo.shape[:2], 4)
    shown = cut[..., 3] > 0
    np.testing.assert_array_equal(cut[shown][:, :3], photo[shown])
    assert cut[250:350, 220:300, 3].mean() > 240  # face and chin
    assert cut[60:160, 440:, 3].mean() < 60  # the backdrop
    assert 0.3 < (cut[..., 3] > 127).mean() < 0.9


def test_cars_are_pixelated_and_the_rest_stays(tmp_path: Path) -> None:
    assert _cutout(tmp_path, "--what", "car", "--how", "pixelate", "--strength", "0.05", _photo("street")) == 0
    hidden = np.array(PIL.Image.open(tmp_path / "bus.png"))
    photo = np.array(PIL.Image.open(_photo("street")))
    assert hidden.shape == photo.shape
    touched = (hidden != photo).any(-1)
    assert 0.03 < touched.mean() < 0.6
    assert touched[480:640, 620:780].mean() > 0.8  # the bus's side
    assert not touched[:100].any()


def test_blurred_people_and_a_model_by_name(tmp_path: Path) -> None:
    how = ("--what", "person", "--how", "blur", "--model", "unet-clothing")
    assert _cutout(tmp_path, *how, _photo("astronaut")) == 0
    blurred = np.array(PIL.Image.open(tmp_path / "astronaut.png")).astype(int)
    photo = np.array(PIL.Image.open(_photo("astronaut"))).astype(int)
    face = np.s_[70:170, 180:270]
    assert np.abs(np.diff(blurred[face], axis=0)).mean() < 0.4 * np.abs(np.diff(photo[face], axis=0)).mean()


def test_nothing_to_cut_out_is_said_and_hiding_writes_the_picture_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey = tmp_path / "grey.png"
    PIL.Image.new("RGB", (60, 40), (127, 127, 127)).save(grey)
    asked = ("--what", "eyewear", grey)
    assert _cutout(tmp_path / "cut", *asked) == 1
    assert "finds no eyewear here, so there is nothing to cut out" in capsys.readouterr().err
    assert not list((tmp_path / "cut").iterdir())
    assert _cutout(tmp_path / "hidden", "--how", "blur", *asked) == 0
    assert "written as it is" in capsys.readouterr().err
    same = np.array(PIL.Image.open(tmp_path / "hidden" / "grey.png"))
    assert (same == 127).all()


def test_an_unreadable_picture_is_named_and_the_others_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    asked = ("--what", "road", "--how", "pixelate", broken, _photo("street"), tmp_path / "none.jpg")
    assert _cutout(tmp_path / "out", *asked) == 1
    said = capsys.readouterr().err
    assert f"{broken}: " in said
    assert "none.jpg" in said
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["bus.png"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--what", "dragon"], "knows person, sky"),
        (["--what", "car,bag"], "together"),
        (["--what", "car", "--model", "unet-clothing"], "unet-clothing knows"),
        (["--model", "centernet"], "unet-street"),
        (["--how", "burn"], "invalid choice"),
        (["--strength", "7"], "from 0 to 1"),
    ],
)
def test_wrong_arguments_are_one_sentence(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: object = _cutout(tmp_path / "out", *arguments, _photo("street"))
    except SystemExit as stop:
        status = stop.code
    assert status == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()
