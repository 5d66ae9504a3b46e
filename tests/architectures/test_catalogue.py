"""The facts about the networks agree with what torchvision and timm publish."""

from __future__ import annotations

from pathlib import Path

import pytest
from torchvision import models

from cvdemo.architectures.catalogue import ARCHITECTURES, Architecture, architecture, descendant_spec
from cvdemo.errors import UnknownModelError
from cvdemo.registry import REGISTRY

WEIGHTS = {
    "alexnet": models.AlexNet_Weights.IMAGENET1K_V1,
    "vgg16": models.VGG16_Weights.IMAGENET1K_V1,
    "vgg19": models.VGG19_Weights.IMAGENET1K_V1,
    "googlenet": models.GoogLeNet_Weights.IMAGENET1K_V1,
}


def _ids(entry: Architecture) -> str:
    return entry.name


def test_the_networks_of_the_page_in_order_of_time() -> None:
    assert [entry.name for entry in ARCHITECTURES] == [
        "alexnet", "vgg16", "vgg19", "googlenet", "xception", "efficientnet-lite0",
    ]  # fmt: skip
    assert [entry.year for entry in ARCHITECTURES] == sorted(entry.year for entry in ARCHITECTURES)


@pytest.mark.parametrize("entry", ARCHITECTURES, ids=_ids)
def test_an_idea_is_told_in_two_sentences(entry: Architecture) -> None:
    assert entry.idea.count(". ") == 1
    assert entry.idea.endswith(".")
    assert entry.spec is REGISTRY.get(entry.name)
    assert entry.paper.startswith("https://")


@pytest.mark.parametrize("name", WEIGHTS)
def test_url_size_and_accuracy_are_those_of_torchvision(name: str) -> None:
    entry, weights = architecture(name), WEIGHTS[name]
    assert entry.url == weights.url
    assert entry.top1 == pytest.approx(weights.meta["_metrics"]["ImageNet-1K"]["acc@1"] / 100)
    assert entry.megabytes == pytest.approx(weights.meta["_file_size"] * 1.048576, abs=0.6)


def test_xception_comes_from_where_timm_says() -> None:
    import timm

    assert architecture("xception").url == timm.get_pretrained_cfg("legacy_xception").url


@pytest.mark.parametrize("entry", [e for e in ARCHITECTURES if e.url], ids=_ids)
def test_the_download_lands_where_the_registry_looks(entry: Architecture) -> None:
    assert len(entry.sha256_prefix) >= 8
    assert int(entry.sha256_prefix, 16) >= 0
    filename = Path(entry.url).name
    assert entry.spec.weights in (f"official/{filename}", f"official/{entry.name}.safetensors")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownModelError, match="no architecture 'lenet'; choose one of: alexnet"):
        architecture("lenet")


@pytest.mark.parametrize("entry", ARCHITECTURES, ids=_ids)
def test_a_descendant_is_a_garment_network_or_none(entry: Architecture) -> None:
    spec = descendant_spec(entry)
    assert spec is None or spec.labels == "fashion"
