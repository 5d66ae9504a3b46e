"""How sure a segmentation is, place by place and of the whole picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from cvdemo.types import Image, Segmentation

#: A place whose best class has less than this probability is called doubtful.
DOUBTFUL = 0.6
#: Share of the pictures of its own subject that the limit of a network lets warn about, at most.
FALSE_ALARM_RATE = 0.05
#: A limit stands by this factor above what those pictures give: other roads and other light are a little harder, while
#: photos of something else lie at twice as much and more.
MARGIN = 1.25
#: A picture with a shorter side than this, or whose grey levels deviate less, shows nothing.
_LEAST_SIDE, _LEAST_CONTRAST = 16, 4.0
LIMITS = "segment_limits.json"


def entropy(probs: NDArray[np.float32]) -> NDArray[np.float32]:
    """How spread out the probabilities are: (K, h, w) -> (h, w) float32 from 0, all on one class, to 1, all alike.

    Shannon's entropy divided by its largest value, the logarithm of K.
    """
    total = np.zeros(probs.shape[1:], np.float32)
    for plane in probs:  # one class at a time: of a large picture K planes more would be much memory
        total -= plane * np.log(np.maximum(plane, 1e-12))
    return total / np.float32(np.log(max(len(probs), 2)))


def doubtful_share(result: Segmentation) -> float:
    """Share of the picture, 0 to 1, where no class has a probability of DOUBTFUL."""
    return float((result.probs.max(axis=0) < DOUBTFUL).mean())


def has_content(image: Image) -> bool:
    """Whether there is something to segment: some pixels both ways, and not all of nearly one grey.

    A network is often sure of its answer for an empty picture, so that its doubt does not tell.
    """
    grey = image.pixels.mean(axis=2, dtype=np.float32)
    return min(image.size_hw) >= _LEAST_SIDE and float(grey.std()) >= _LEAST_CONTRAST


def limit_of(shares: NDArray[np.float64], rate: float = FALSE_ALARM_RATE) -> float:
    """The limit that warns about at most that share of such pictures; shares: (n,), doubtful_share of each."""
    return MARGIN * float(np.quantile(shares, 1 - rate))


def warns(shares: NDArray[np.float64], limit: float) -> float:
    """Share of pictures above a limit."""
    return float((shares > limit).mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """limit: doubtful share above which a picture is far from what a network learnt. stated, measured: share of the
    pictures of its own subject that are above it, as it was set and as it turned out on pictures that had no part in
    setting it. pictures: how many there were."""

    limit: float
    stated: float
    measured: float
    pictures: int


@cache
def limits() -> dict[str, Limit]:
    """Name of a network -> its limit, as calibrated by `python -m cvdemo calibrate segment`."""
    rows = json.loads((files("cvdemo") / "assets" / LIMITS).read_text(encoding="utf-8"))
    return {
        name: Limit(
            limit=float(row["limit"]),
            stated=float(row["stated_false_alarm_rate"]),
            measured=float(row["measured_false_alarm_rate"]),
            pictures=int(row["pictures"]),
        )
        for name, row in rows.items()
    }
