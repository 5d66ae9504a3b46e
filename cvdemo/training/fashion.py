"""Training and measuring of the garment networks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.labels import FASHION
from cvdemo.models.nets.fashion import NETWORKS
from cvdemo.training.augment_garments import Augmentation
from cvdemo.training.fashion_mnist import Garments
from cvdemo.training.loop import Job
from cvdemo.training.metrics import ConfusionMatrix
from cvdemo.training.precision import autocast
from cvdemo.training.recipes import Recipe, recipe_of


class GarmentBatches:
    """Shuffled, changed batches of garments; the same epoch number always gives the same batches."""

    def __init__(self, garments: Garments, batch_size: int, augmentation: Augmentation, seed: int = 0) -> None:
        self.garments = garments
        self.batch_size = min(batch_size, len(garments))
        self.augmentation = augmentation
        self.seed = seed

    def __len__(self) -> int:
        return len(self.garments) // self.batch_size

    def __call__(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Pairs of inputs (N, 1, 28, 28) float32 in 0..1 and labels (N,) int64."""
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(len(self.garments))[: len(self) * self.batch_size]
        for index in order.reshape(len(self), self.batch_size):
            images = self.augmentation(self.garments.images[index], rng)
            yield to_inputs(images), torch.from_numpy(self.garments.labels[index].astype(np.int64))


def to_inputs(images: NDArray[np.uint8]) -> Tensor:
    """(N, 28, 28) uint8 -> (N, 1, 28, 28) float32 in 0..1."""
    return torch.from_numpy(images[:, None].astype(np.float32) / 255)


def fashion_job(
    model: str,
    training: Garments,
    held_out: Garments,
    recipe: Recipe | None = None,
    device: torch.device | None = None,
) -> Job:
    """A training of the named garment network. recipe: None takes its own. Raises UnknownModelError."""
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
