"""What to say about a picture before its answer is believed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cvdemo.fashion import familiarity
from cvdemo.fashion.networks import to_input
from cvdemo.models.garment import SIDE, GarmentSteps
from cvdemo.types import Image

#: A picture with a shorter side than this holds no garment that could be seen.
_LEAST_SIDE = 8
#: Share of the picture's border that may belong to what was taken for the garment.
_BORDER_SHARE = 0.3
#: Share of the picture that a garment on a background may cover.
_MOST_COVERAGE = 0.92


@dataclass(frozen=True, slots=True)
class Verdict:
    """warnings: sentences; with any of them the answer is a guess. answerable: False when there is nothing to name.
    distance, rarity: of cvdemo.fashion.familiarity, None where that check has not been recorded."""

    warnings: tuple[str, ...]
    answerable: bool = True
    distance: float | None = None
    rarity: float | None = None

    @property
    def trusted(self) -> bool:
        """Whether the answer can stand without a warning."""
        return self.answerable and not self.warnings


def judge(image: Image, steps: GarmentSteps) -> Verdict:
    """Look at a picture and at what was made of it. Raises WeightsError when the checking network is missing."""
    height, width = image.size_hw
    if min(height, width) < _LEAST_SIDE:
        sentence = f"This picture has only {width} × {height} pixels; choose one in which a garment can be seen."
        return Verdict((sentence,), answerable=False)
    if not steps.found:
        sentence = "Nothing stands out from the background here; choose a picture with one garment on a plain surface."
        return Verdict((sentence,), answerable=False)
    warnings = list(_about_the_photo(image, steps))
    check = familiarity.load()
    if check is None:
        warnings.append("Whether this looks like the pictures the networks were trained on could not be checked here.")
        return Verdict(tuple(warnings))
    distance = float(check.distances(familiarity.features(to_input(steps.result)))[0])
    if distance > check.threshold:
        warnings.append(
            "This does not look like the pictures the networks were trained on, so the answer may mean nothing."
        )
    return Verdict(tuple(warnings), distance=distance, rarity=check.rarity(distance))


def _about_the_photo(image: Image, steps: GarmentSteps) -> list[str]:
    """Whether the garment could be told from its background; nothing to ask of a picture from the data set."""
    if image.size_hw == (SIDE, SIDE):
        return []
    garment = steps.mask > 0
    edge = np.concatenate([garment[0], garment[-1], garment[:, 0], garment[:, -1]])
    if edge.mean() > _BORDER_SHARE or garment.mean() > _MOST_COVERAGE:
        return ["The garment could not be told from its background; lay it on a plain surface, all of it in view."]
    return []
