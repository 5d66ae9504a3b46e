"""The classics: official files are checked before use, and prepared pictures are those of torchvision."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PilImage
from safetensors.torch import save_file
from torchvision import models

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.errors import WeightsError, WeightsMissingError
from cvdemo.imaging import image_from_pixels
from cvdemo.models import classics, family_of
from cvdemo.registry import OFFICIAL, REGISTRY, ModelSpec, classic_spec
from cvdemo.samples import load_sample
from cvdemo.settings import Settings, settings
from cvdemo.types import Image

NAMES = ("alexnet", "vgg16", "vgg19", "googlenet", "xception")


@pytest.fixture
def folder(tmp_path: Path, fresh_settings: pytest.MonkeyPatch) -> Path:
    """A weights folder of its own, with official/ in it."""
    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path))
    (tmp_path / OFFICIAL).mkdir()
    return tmp_path


def _spec(filename: str) -> ModelSpec:
    from dataclasses import replace

    return replace(classic_spec("googlenet", Path("nowhere")), weights=f"{OFFICIAL}/{filename}")


def _published(folder: Path, state: dict[str, torch.Tensor]) -> str:
    """A file of these tensors named as torchvision names its own. Returns the name."""
    torch.save(state, folder / "raw.pth")
    data = (folder / "raw.pth").read_bytes()
    name = f"googlenet-{hashlib.sha256(data).hexdigest()[:8]}.pth"
    (folder / OFFICIAL / name).write_bytes(data)
    return name


@pytest.fixture(scope="module")
def googlenet() -> models.GoogLeNet:
    torch.manual_seed(0)
    return models.googlenet(init_weights=False, aux_logits=True, transform_input=True).eval()


@pytest.mark.parametrize("name", NAMES)
def test_a_row_names_the_published_file(name: str) -> None:
    spec = classic_spec(name, Path("nowhere"))
    assert spec.weights.startswith(f"{OFFICIAL}/{name}")
    assert classics._CHECKSUM.search(spec.weights)
    assert REGISTRY.get(name).family == "classics"


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("alexnet", models.AlexNet_Weights.IMAGENET1K_V1),
        ("vgg16", models.VGG16_Weights.IMAGENET1K_V1),
        ("vgg19", models.VGG19_Weights.IMAGENET1K_V1),
        ("googlenet", models.GoogLeNet_Weights.IMAGENET1K_V1),
    ],
)
def test_file_parameters_and_preparation_are_those_of_torchvision(name: str, weights: models.WeightsEnum) -> None:
    spec = classic_spec(name, Path("nowhere"))
    assert weights.url.endswith(spec.weights.removeprefix(f"{OFFICIAL}/"))
    with torch.device("meta"):
        count = sum(p.numel() for p in family_of(spec).build(spec).parameters())
    assert count == weights.meta["num_params"]
    square = load_sample("astronaut")  # 512 x 512, where torchvision has no size or crop to round
    ours = torch.tensor(classics.preprocess(spec, square).inputs[0])
    theirs = weights.transforms()(PilImage.fromarray(square.pixels))
    if name == "googlenet":  # whose network undoes this normalisation itself
        theirs = models.GoogLeNet(transform_input=True, init_weights=False)._transform_input(theirs[None])[0]
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() < 0.04  # two levels of 255


def test_xception_is_timm_s_and_prepared_as_timm_says() -> None:
    import timm
    from timm.data import create_transform, resolve_data_config

    spec = classic_spec("xception", Path("nowhere"))
    with torch.device("meta"):
        reference = timm.create_model("legacy_xception")
    assert reference.default_cfg["url"].endswith(spec.weights.removeprefix(f"{OFFICIAL}/"))
    transform = create_transform(**resolve_data_config({}, model=reference))
    square = load_sample("astronaut")
    theirs = transform(PilImage.fromarray(square.pixels))
    ours = torch.tensor(classics.preprocess(spec, square).inputs[0])
    assert ours.shape == theirs.shape == (3, 299, 299)
    assert (ours - theirs).abs().mean() < 0.03  # timm rounds the scaled size to whole pixels


@pytest.mark.parametrize("name", NAMES)
def test_red_is_the_first_channel(name: str) -> None:
    red = np.zeros((300, 400, 3), np.uint8)
    red[..., 0] = 255
    inputs = classics.preprocess(classic_spec(name, Path("nowhere")), image_from_pixels(red, "red")).inputs[0]
    assert inputs[0].min() > 0.9
    assert inputs[1:].max() < 0


def test_official_weights_answer_as_torchvision_s_network_does(
    folder: Path, googlenet: models.GoogLeNet, bus: Image
) -> None:
    spec = _spec(_published(folder, googlenet.state_dict()))
    module = classics.load(spec)
    inputs = torch.tensor(classics.preprocess(spec, bus).inputs)
    normal = (inputs * 0.5 + 0.5 - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)) / torch.tensor(
        [0.229, 0.224, 0.225]
    ).view(3, 1, 1)
    with torch.inference_mode():
        np.testing.assert_allclose(module.eval()(inputs)[0], googlenet(normal), atol=1e-4)


def test_the_engine_classifies_with_them(folder: Path, googlenet: models.GoogLeNet, bus: Image) -> None:
    from cvdemo.engine import Engine

    spec = _spec(_published(folder, googlenet.state_dict()))
    raw = Engine(Settings(weights_dir=folder, cache_dir=None)).forward(spec, bus)
    result = tasks.decode(spec, raw, tasks.default_params(spec))
    assert result.probs.sum() == pytest.approx(1, abs=1e-4)
    assert result.class_names == spec.class_names
    assert len(result.class_names) == 1000


def test_a_safetensors_file_of_the_same_name_is_taken_instead(folder: Path, googlenet: models.GoogLeNet) -> None:
    save_file(
        {k: v.contiguous() for k, v in googlenet.state_dict().items()}, folder / OFFICIAL / "googlenet.safetensors"
    )
    spec = classic_spec("googlenet", folder)
    assert spec.weights == f"{OFFICIAL}/googlenet.safetensors"
    state = classics.load(spec).state_dict()
    torch.testing.assert_close(state["network.conv1.conv.weight"], googlenet.conv1.conv.weight.detach())


def test_without_a_file_there_is_one_sentence_and_no_prediction(folder: Path, bus: Image) -> None:
    spec = classic_spec("alexnet", folder)
    with pytest.raises(
        WeightsMissingError, match=r"AlexNet is not downloaded; fetch .* or put official/alexnet-owt-7be5be79\.pth"
    ):
        engine().forward(spec, bus)


def test_a_file_whose_name_belies_it_is_refused(folder: Path, googlenet: models.GoogLeNet) -> None:
    name = _published(folder, googlenet.state_dict())
    (folder / OFFICIAL / name).rename(folder / OFFICIAL / "googlenet-00000000.pth")
    with pytest.raises(WeightsError, match="SHA-256 is not the one in its name"):
        classics.load(_spec("googlenet-00000000.pth"))


def test_other_layers_are_refused(folder: Path) -> None:
    with pytest.raises(WeightsError, match="holds other layers than GoogLeNet"):
        classics.load(_spec(_published(folder, {"conv1.weight": torch.zeros(3)})))


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("trap"),))  # type: ignore[return-value]


@pytest.mark.parametrize("content", [b"", b"garbage", pickle.dumps({"a": _Trap()}), pickle.dumps(["a list"])])
@pytest.mark.parametrize("name", ["googlenet.pth", "googlenet.safetensors"])
def test_what_is_no_file_of_weights_is_refused_and_never_executed(
    folder: Path, content: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / OFFICIAL / name).write_bytes(content)
    with pytest.raises(WeightsError, match="is not a file of weights that can be read"):
        classics.load(_spec(name))
    assert not (folder / "trap").exists()


def test_settings_are_the_folder_s(folder: Path) -> None:
    assert settings().weights_dir == folder
