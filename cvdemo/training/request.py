"""What a visitor may ask a live training for. Importing this loads no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cvdemo.errors import UsageError
from cvdemo.training.recipes import Recipe, recipe_of

#: Fewest and most of everything that can be chosen. images: those not held out are 55,000.
EPOCHS = (1, 30)
LEARNING_RATE = (1e-5, 1.0)
BATCH_SIZE = (16, 512)
IMAGES = (1_000, 55_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """A training of the garment network model on the first images of the training set; the rest is its recipe's.

    Raises UnknownModelError or UsageError when it makes no sense.
    """

    model: str
    epochs: int
    learning_rate: float
    batch_size: int
    images: int

    def __post_init__(self) -> None:
        recipe_of(self.model)
        for name, value, (low, high) in (
            ("Epochs", self.epochs, EPOCHS),
            ("The learning rate", self.learning_rate, LEARNING_RATE),
            ("The batch size", self.batch_size, BATCH_SIZE),
            ("The number of images", self.images, IMAGES),
        ):
            if not low <= value <= high:
                raise UsageError(f"{name} must be between {low:g} and {high:g}, not {value:g}; choose another value.")

    def recipe(self) -> Recipe:
        """The network's own recipe with what was asked for put in."""
        return replace(
            recipe_of(self.model), epochs=self.epochs, learning_rate=self.learning_rate, batch_size=self.batch_size
        )
