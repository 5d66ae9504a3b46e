"""How each garment network was trained. Importing this loads no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cvdemo.errors import UnknownModelError
from cvdemo.training.augment_garments import Augmentation
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
    "fashion-net": Recipe(epochs=36, augmentation=STRONG),
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
    "mini-alexnet": Recipe(epochs=12, learning_rate=0.02),
    "mini-vgg": Recipe(epochs=12, learning_rate=0.03),
    "mini-googlenet": Recipe(epochs=7, optimizer="rmsprop", learning_rate=2e-3, weight_decay=1e-4),
    "mini-xception": Recipe(epochs=7, optimizer="adam", learning_rate=4e-3, weight_decay=0.02),
}


def recipe_of(model: str) -> Recipe:
    """The recipe a network was shipped with. Raises UnknownModelError."""
    if model not in RECIPES:
        raise UnknownModelError(f"There is no garment network '{model}'; choose one of: {', '.join(RECIPES)}.")
    return RECIPES[model]
