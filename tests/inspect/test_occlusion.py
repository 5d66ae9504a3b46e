"""Occlusion: finds what an answer rests on, covers every place alike, tells how far it is and stops when told."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from cvdemo.inspect.hooks import hook_count
from cvdemo.inspect.occlusion import OcclusionParams, occlude, occlusion_map, picture_area, spread, starts
from cvdemo.inspect.progress import CancelledError
from cvdemo.inspect.target import Target
from cvdemo.inspect.targets import box_target, region_target
from cvdemo.types import Detections, Segmentation
from tests.inspect.answers import ONE_EACH, answered

COARSE = OcclusionParams(patch=0.3, overlap=2)
BRIGHT = Target("brightness", "sum", 0, ())


def _brightness(batch: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    return {"sum": batch.sum(axis=(1, 2, 3))}


def test_the_only_bright_place_is_found() -> None:
    inputs = np.zeros((1, 1, 60, 80), np.float32)
    inputs[0, 0, 20:30, 50:60] = 1
    found = occlusion_map(_brightness, inputs, BRIGHT, (0, 0, 80, 60), OcclusionParams(patch=0.125, overlap=2))
    y, x = np.unravel_index(found.values.argmax(), found.values.shape)
    assert 20 <= y < 30
    assert 50 <= x < 60
    assert found.score == 100
    assert found.values[40:, :40].max() <= 0


@pytest.mark.parametrize("overlap", [1, 2, 3])
def test_every_pixel_is_covered_about_equally_often(overlap: int) -> None:
    side, low, high = 12, 5, 77
    count = np.zeros(100, int)
    for start in starts(low, high, side, overlap):
        count[max(start, 0) : start + side] += 1
    assert count[low:high].min() >= overlap
    assert count[low:high].max() <= overlap + 1


def test_equal_drops_are_spread_evenly_and_nothing_falls_on_the_padding() -> None:
    rows, columns = starts(10, 50, 16, 2), starts(0, 64, 16, 2)
    drops = np.full((len(rows), len(columns)), 0.5, np.float32)
    values = spread(drops, rows, columns, 16, (0, 10, 64, 50), (60, 64))
    np.testing.assert_allclose(values[10:50], 0.5)
    assert not values[:10].any()
    assert not values[50:].any()


def test_covering_the_bus_costs_the_bus() -> None:
    a = answered("centernet")
    assert isinstance(a.result, Detections)
    bus = int(np.flatnonzero(a.result.class_ids == a.spec.class_names.index("bus"))[0])
    found = occlude(a.spec, a.image, box_target(a.spec, a.raw, a.result, bus), COARSE)
    (x0, y0), (x1, y1) = a.raw.letterboxes[0].to_input(a.result.xyxy[bus].reshape(2, 2)).round().astype(int)
    y, x = np.argwhere(found.values == found.values.max()).mean(axis=0)
    assert x0 <= x <= x1
    assert y0 <= y <= y1
    outside = found.values.copy()
    outside[y0:y1, x0:x1] = 0
    assert found.values[y0:y1, x0:x1].mean() > 2 * max(0.0, float(outside.sum() / max(1, (outside != 0).sum())))
    assert found.score == pytest.approx(float(a.result.scores[bus]), abs=1e-5)


def test_covering_a_region_costs_the_region_most() -> None:
    a = answered("unet-street")
    assert isinstance(a.result, Segmentation)
    class_id = int(a.result.shares().argmax())
    found = occlude(a.spec, a.image, region_target(a.spec, a.raw, class_id), COARSE)
    corners = picture_area(a.raw.letterboxes[0])
    shown = found.values[corners[1] : corners[3], corners[0] : corners[2]]
    rows = np.linspace(0, a.raw.size_hw[0] - 1, shown.shape[0]).round().astype(int)
    columns = np.linspace(0, a.raw.size_hw[1] - 1, shown.shape[1]).round().astype(int)
    mine = a.result.class_map[np.ix_(rows, columns)] == class_id
    assert shown[mine].mean() > shown[~mine].mean()


@pytest.mark.parametrize("name", ONE_EACH)
def test_every_task_says_how_far_it_is(name: str) -> None:
    a = answered(name)
    steps: list[tuple[int, int]] = []
    found = occlude(a.spec, a.image, a.target, OcclusionParams(patch=0.5, overlap=1), lambda *step: steps.append(step))
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    assert steps[-1] == (found.drops.size, found.drops.size)
    assert found.score == pytest.approx(a.target.value(a.raw), rel=1e-3, abs=1e-3)
    assert np.abs(found.drops).max() > 1e-3
    assert hook_count(a.module) == 0


@pytest.mark.parametrize("name", ONE_EACH)
def test_it_stops_between_two_batches(name: str) -> None:
    a = answered(name)
    cancel, steps = threading.Event(), list[int]()

    def stop_after_one(done: int, _: int) -> None:
        steps.append(done)
        cancel.set()

    with pytest.raises(CancelledError, match="stopped"):
        occlude(a.spec, a.image, a.target, OcclusionParams(), stop_after_one, cancel)
    assert steps == [4]
    assert hook_count(a.module) == 0
