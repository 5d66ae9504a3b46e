"""The filter against the paper's definitions and what follows from them."""

from __future__ import annotations

from math import exp, pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvdemo.live.smoothing import SPEED_CUTOFF, OneEuro, alpha


def _run(filter_: OneEuro, values: list[float], rate: float = 30.0) -> np.ndarray:
    return np.array([float(filter_(np.array([v]), (i + 1) / rate)[0]) for i, v in enumerate(values)])


def _by_the_book(values: list[float], cutoff: float, beta: float, rate: float) -> list[float]:
    """The paper's pseudocode (Figure 1 and equations 2 to 5), one number at a time."""

    def weight(hertz: float) -> float:
        tau = 1 / (2 * pi * hertz)
        return 1 / (1 + tau * rate)

    answers, smooth, speed, before = [], values[0], 0.0, values[0]
    for i, value in enumerate(values):
        if i:
            raw = (value - before) * rate
            speed = weight(SPEED_CUTOFF) * raw + (1 - weight(SPEED_CUTOFF)) * speed
            w = weight(cutoff + beta * abs(speed))
            smooth = w * value + (1 - w) * smooth
        before = smooth
        answers.append(smooth)
    return answers


def test_agrees_with_the_paper() -> None:
    rng = np.random.default_rng(3)
    values = (np.sin(np.arange(200) / 9) + rng.normal(0, 0.05, 200)).tolist()
    mine = _run(OneEuro(1.2, 0.7), values)
    np.testing.assert_allclose(mine, _by_the_book(values, 1.2, 0.7, 30.0), rtol=1e-9)


@settings(deadline=None)
@given(st.floats(-5, 5), st.floats(0.1, 10), st.floats(0, 10))
def test_what_rests_stays_exactly(value: float, cutoff: float, beta: float) -> None:
    assert (_run(OneEuro(cutoff, beta), [value] * 20) == value).all()


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=2, max_size=60), st.floats(0.1, 10), st.floats(0, 10))
def test_never_leaves_the_range_of_what_was_seen(values: list[float], cutoff: float, beta: float) -> None:
    answers = _run(OneEuro(cutoff, beta), values)
    assert answers.min() >= min(values) - 1e-9
    assert answers.max() <= max(values) + 1e-9


def test_without_beta_it_is_a_low_pass_of_that_cutoff() -> None:
    """A step answered after one time constant by 1 - 1/e, as any first-order filter does."""
    cutoff, rate = 1.0, 2000.0
    answers = _run(OneEuro(cutoff, 0.0), [0.0] + [1.0] * 2000, rate)
    tau = 1 / (2 * pi * cutoff)
    assert answers[round(tau * rate)] == pytest.approx(1 - exp(-1), abs=0.01)


def test_calm_at_rest_and_prompt_in_motion() -> None:
    rng = np.random.default_rng(0)
    still = rng.normal(0, 0.004, 300)
    assert _run(OneEuro(1.0, 8.0), still.tolist())[50:].std() < 0.5 * still[50:].std()
    ramp = (np.arange(60) / 30).tolist()
    lags = {beta: abs(ramp[-1] - _run(OneEuro(1.0, beta), ramp)[-1]) for beta in (0.0, 8.0)}
    assert lags[8.0] < 0.2 * lags[0.0]


def test_the_pace_of_frames_does_not_matter() -> None:
    """The same motion seen 30 and 60 times a second ends at nearly the same place."""
    slow = _run(OneEuro(1.0, 1.0), [min(t / 30, 1) for t in range(60)], 30)
    fast = _run(OneEuro(1.0, 1.0), [min(t / 60, 1) for t in range(120)], 60)
    assert slow[-1] == pytest.approx(fast[-1], abs=0.02)


def test_unseen_values_hold_and_come_back_without_a_jump_in_speed() -> None:
    euro = OneEuro(1.0, 1.0)
    euro(np.array([0.2, np.nan]), 0.1)
    kept = euro(np.array([np.nan, 0.5]), 0.2)
    np.testing.assert_array_equal(kept, [0.2, 0.5])
    later = euro(np.array([0.2, np.nan]), 0.3)
    np.testing.assert_array_equal(later, [0.2, 0.5])


def test_time_that_stands_or_goes_back_changes_nothing() -> None:
    euro = OneEuro(1.0, 1.0)
    first = euro(np.array([0.5]), 1.0)
    for time_s in (1.0, 0.5):
        np.testing.assert_array_equal(euro(np.array([9.0]), time_s), first)


def test_weight_is_between_nothing_and_all() -> None:
    weights = alpha(np.array([1e-3, 1.0, 1e6]), 1 / 30)
    assert (np.diff(weights) > 0).all()
    assert 0 < weights[0] < 0.001
    assert 0.999 < weights[-1] < 1
