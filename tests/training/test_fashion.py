"""The garment networks: their shapes and budgets, their recipes, and that they can learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from cvdemo.errors import UnknownModelError
from cvdemo.fashion_samples import fashion_samples
from cvdemo.models.nets.fashion import NETWORKS
from cvdemo.training.augment_garments import Augmentation
from cvdemo.training.fashion import GarmentBatches, confusion, fashion_job, predict
from cvdemo.training.fashion_mnist import Garments
from cvdemo.training.loop import train
from cvdemo.training.recipes import RECIPES, recipe_of

CPU = torch.device("cpu")
#: Most parameters each may have; the article's network has exactly this many.
LIMITS = {"fashion-nano": 100_000, "fashion-net": 1_000_000, "article-cnn": 542_230}


def _garments(step: int = 1) -> Garments:
    samples = fashion_samples()
    return Garments(samples.images[::step], samples.labels[::step])


def test_every_network_has_a_recipe() -> None:
    assert set(NETWORKS) == set(RECIPES)
    with pytest.raises(UnknownModelError, match="fashion-nano"):
        recipe_of("resnet-5000")


@pytest.mark.parametrize("name", list(NETWORKS))
def test_shapes_and_budget(name: str) -> None:
    network = NETWORKS[name]().eval()
    inputs = torch.rand(3, 1, 28, 28)
    with torch.no_grad():
        (logits,) = network(inputs)
        features = network.embed(inputs)
        torch.testing.assert_close(network.classifier(features), logits)
    assert logits.shape == (3, 10)
    assert features.shape == (3, network.classifier.in_features)
    parameters = sum(p.numel() for p in network.parameters())
    assert parameters <= LIMITS.get(name, 1_000_000)
    if name == "article-cnn":
        assert parameters == LIMITS[name]


@pytest.mark.parametrize("name", list(NETWORKS))
def test_no_layer_is_used_twice_or_overwrites_its_input(name: str) -> None:
    network = NETWORKS[name]().eval()
    calls: dict[nn.Module, int] = {}
    for module in network.modules():
        if not list(module.children()) and not isinstance(module, nn.Dropout):
            module.register_forward_hook(lambda m, i, o: calls.__setitem__(m, calls.get(m, 0) + 1))
        assert not getattr(module, "inplace", False)
    with torch.no_grad():
        network(torch.rand(1, 1, 28, 28))
    shared = [type(module).__name__ for module, count in calls.items() if count > 1]
    assert set(shared) <= {"MaxPool2d"}


def test_the_article_network_is_the_articles() -> None:
    network = NETWORKS["article-cnn"]()
    convs = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert [(c.in_channels, c.out_channels, c.kernel_size, c.padding) for c in convs] == [(1, 32, (3, 3), (0, 0))]
    linears = [m for m in network.modules() if isinstance(m, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linears] == [(5408, 100), (100, 10)]
    recipe = RECIPES["article-cnn"]
    assert (recipe.optimizer, recipe.batch_size, recipe.epochs) == ("adam", 32, 10)
    bound = (6 / 9) ** 0.5
    largest = float(convs[0].weight.detach().abs().max())
    assert 0.9 * bound < largest <= bound


@pytest.mark.parametrize("name", ["fashion-nano", "article-cnn"])
def test_a_short_training_beats_chance_by_far(name: str) -> None:
    garments = _garments()
    recipe = replace(RECIPES[name], epochs=4, batch_size=50, augmentation=Augmentation(), ema_decay=0.0)
    outcome = train(fashion_job(name, garments, garments, recipe))
    assert outcome.history[-1]["held_out_accuracy"] > 0.5
    assert outcome.history[-1]["loss"] < outcome.history[0]["loss"]


def test_predictions_are_probabilities_in_order() -> None:
    network = NETWORKS["fashion-nano"]().eval()
    images = fashion_samples().images[:7]
    whole = np.concatenate(list(predict(network, images, CPU)))
    parts = np.concatenate(list(predict(network, images, CPU, batch_size=3)))
    np.testing.assert_allclose(whole.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(whole, parts, atol=0.02)  # bfloat16 sums differ with the batch
    assert confusion(network, Garments(images, fashion_samples().labels[:7]), CPU).counts.sum() == 7


def test_batches_cover_every_garment_once() -> None:
    garments = _garments(10)
    batches = GarmentBatches(garments, 20, Augmentation())
    assert len(batches) == 5
    inputs = torch.cat([x for x, _ in batches(3)])
    assert inputs.shape == (100, 1, 28, 28)
    assert (float(inputs.min()), float(inputs.max())) == (0.0, 1.0)
    seen = (inputs[:, 0].numpy() * 255).round().astype(np.uint8).reshape(100, -1)
    expected = garments.images.reshape(100, -1)
    np.testing.assert_array_equal(seen[np.lexsort(seen.T)], expected[np.lexsort(expected.T)])
