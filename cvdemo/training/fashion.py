"""Recipes for the garment networks, and their figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.errors import UnknownModelError
from cvdemo.labels import FASHION
from cvdemo.training.fashion_mnist import Augmentation, GarmentBatches, Garments, to_inputs
from cvdemo.training.loop import Job
from cvdemo.training.metrics import ConfusionMatrix
from cvdemo.training.precision import autocast
from cvdemo.training.schedules import constant, one_cycle

PLAIN = Augmentation()
LIGHT = Augmentation(shift=2, mirror=True)
STRONG = Augmentation(shift=2, mirror=True, erase=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a garment network is trained. optimizer: sgd (Nesterov), adam or rmsprop."""

    epochs: int
    batch_size: int = 128
    optimizer: str = "sgd"
    learning_rate: float = 0.1
    weight_decay: float = 5e-4
    schedule: Callable[[float], float] = one_cycle
    augmentation: Augmentation = LIGHT
    label_smoothing: float = 0.05
    ema_decay: float = 0.999


RECIPES = {
    "fashion-nano": Recipe(epochs=30),
    "fashion-net": Recipe(epochs=45, augmentation=STRONG),
    "article-cnn": Recipe(
        epochs=10,
        batch_size=32,
        optimizer="adam",
        learning_rate=1e-3,
        weight_decay=0.0,
        schedule=constant,
        augmentation=PLAIN,
        label_smoothing=0.0,
        ema_decay=0.0,
    ),
    "mini-alexnet": Recipe(epochs=20, learning_rate=0.02),
    "mini-vgg": Recipe(epochs=25, learning_rate=0.03),
    "mini-googlenet": Recipe(epochs=20, optimizer="rmsprop", learning_rate=2e-3, weight_decay=1e-4),
    "mini-xception": Recipe(epochs=20, optimizer="adam", learning_rate=4e-3, weight_decay=0.02),
}


def recipe_of(model: str) -> Recipe:
    """The recipe a network was shipped with. Raises UnknownModelError."""
    if model not in RECIPES:
        raise UnknownModelError(
            f"There is no garment network '{model}'; choose one of: {', '.join(RECIPES)}."
        )
    return RECIPES[model]


def fashion_job(
    model: str,
    training: Garments,
    held_out: Garments,
    recipe: Recipe | None = None,
    device: torch.device | None = None,
) -> Job:
    """A training of the named garment network. recipe: None takes its own. Raises UnknownModelError."""
    from cvdemo.models.fashion.catalogue import NETWORKS

    recipe = recipe or recipe_of(model)
    device = device or torch.device("cpu")
    torch.manual_seed(0)
    network = NETWORKS[model]()
    batches = GarmentBatches(training, recipe.batch_size, recipe.augmentation)

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)

    return Job(
        name=model,
        model=network,
        optimizer=_optimizer(network, recipe),
        epochs=recipe.epochs,
        batches_per_epoch=len(batches),
        batches=batches,
        loss=loss,
        hits=lambda logits, labels: float((logits.argmax(1) == labels).float().mean()),
        evaluate=lambda net: {"held_out_accuracy": confusion(net, held_out, device).accuracy()},
        schedule=recipe.schedule,
        ema_decay=recipe.ema_decay,
        device=device,
    )


def _optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Scales and biases are not decayed."""
    groups = [
        {"params": [p for p in network.parameters() if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in network.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if recipe.optimizer == "adam":
        return torch.optim.AdamW(groups, recipe.learning_rate)
    if recipe.optimizer == "rmsprop":
        return torch.optim.RMSprop(groups, recipe.learning_rate, alpha=0.9, momentum=0.9, eps=1e-3)
    return torch.optim.SGD(groups, recipe.learning_rate, momentum=0.9, nesterov=True)


def predict(
    network: nn.Module, images: NDArray[np.uint8], device: torch.device, batch_size: int = 250
) -> Iterator[NDArray[np.float32]]:
    """Probabilities (n, 10) float32 of the garments (N, 28, 28) uint8, a batch at a time."""
    network.eval()
    for start in range(0, len(images), batch_size):
        inputs = to_inputs(images[start : start + batch_size]).to(device, memory_format=torch.channels_last)
        with torch.inference_mode(), autocast(device):
            logits = network(inputs)[0]
        yield logits.float().softmax(1).cpu().numpy()


def confusion(network: nn.Module, garments: Garments, device: torch.device) -> ConfusionMatrix:
    """Confusion matrix of a network over a set of garments."""
    matrix = ConfusionMatrix(len(FASHION))
    predicted = np.concatenate([probs.argmax(1) for probs in predict(network, garments.images, device)])
    matrix.add(garments.labels, predicted)
    return matrix
