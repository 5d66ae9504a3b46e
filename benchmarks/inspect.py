"""What looking inside costs, in one run: every step in milliseconds and as a multiple of one forward pass.

    python -m benchmarks.inspect [--models NAME ...] [--sample NAME] [--runs 5]

Wall is the median time a visitor waits for the server, CPU the median time the machine works for it; on a busy machine
only the second means much, and multiples and limits go by it. Steps that show something are those of the explorer's
page, from what was chosen to what is sent to the browser, caches empty. The exit status is 1 where a limit is broken:
a recording within 1.5 forward passes and its budget, a choice within 200 ms, 512 channels in 400 kB.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from cvdemo import tasks
from cvdemo.engine import engine
from cvdemo.inspect.ablation import ablate
from cvdemo.inspect.cam import default_layer, explain, sanity_check
from cvdemo.inspect.layers import Layer
from cvdemo.inspect.occlusion import OcclusionParams, occlude
from cvdemo.inspect.recording import capture_layers, plan, shelf_room, shelves_in
from cvdemo.inspect.store import network_input
from cvdemo.inspect.target import Target
from cvdemo.inspect.targets import best_target
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.samples import load_sample
from cvdemo.types import Image
from cvdemo.ui.explorer.choice import PAGE, Choice
from cvdemo.ui.explorer.focus import focus_data
from cvdemo.ui.explorer.maps import Look, look_at, order_of, store, tile_side, tiles
from cvdemo.viz.features import sprite
from cvdemo.weights import unavailable_reason

MODELS = ("efficientnet-lite0", "centernet", "unet-street", "movenet-multipose")
CAPTURE_LIMIT, CHOICE_LIMIT_MS, SPRITE_LIMIT_KB = 1.5, 200, 400
_CHANNELS = 512


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians in milliseconds; slowest: of the CPU times."""

    wall: float
    cpu: float
    slowest: float


@dataclass(frozen=True, slots=True)
class Row:
    """what: the step. cost: None for a figure that is no time. limit: whether it is kept, None where there is none."""

    what: str
    cost: Cost | None = None
    note: str = ""
    kept: bool | None = None


def main() -> int:
    """Print one table a model; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", default=MODELS)
    parser.add_argument("--sample", default="street")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    # The page's functions run here without a browser, which Streamlit remarks on at every step.
    logging.disable(logging.WARNING)
    image, broken = load_sample(options.sample), 0
    for spec in map(REGISTRY.get, options.models):
        if reason := unavailable_reason(spec):
            print(reason)
            continue
        print(f"\n{spec.title}, {image.name}\n{'':34}{'wall ms':>9}{'CPU ms':>9}{'forwards':>10}")
        forward: Cost | None = None
        for row in rows(spec, image, options.runs):
            forward = forward or row.cost
            print(_line(row, forward), flush=True)
            broken += row.kept is False
    return 1 if broken else 0


def rows(spec: ModelSpec, image: Image, runs: int) -> Iterator[Row]:
    """Everything that is measured about a model, the forward pass first."""
    look = look_at(spec, image)
    yield from _recording(look, runs)
    store().maps(spec, image, look.tree.maps[0].name)
    yield from _choices(look)
    yield from _answers(look, runs)


def _recording(look: Look, runs: int) -> Iterator[Row]:
    """One plain forward pass of the inspected network beside one that keeps all layers, in turn.

    Both run the same eager module on the same input without gradients; the only difference is what the hooks keep. A
    recording writes into memory of an earlier one, as after a while it does for a visitor; the first few of a session
    ask the system for theirs.
    """
    import torch

    module, inputs = engine().module(look.spec), network_input(look.spec, look.image)
    layers = plan(look.tree, store().budget_mb * 2**20)
    room = np.empty(shelf_room(look.tree, layers), np.float16)
    used = shelves_in(room, look.tree, layers)

    def plain() -> None:
        with torch.no_grad():
            module(inputs)

    def recorded() -> None:
        capture_layers(module, inputs, layers, shelves=used)

    def first() -> None:
        fresh = np.empty(len(room), np.float16)
        capture_layers(module, inputs, layers, shelves=shelves_in(fresh, look.tree, layers))

    forward, capture, new = _in_turn([plain, recorded, first], runs)
    size = room.nbytes / 2**20
    yield Row("one forward pass", forward)
    yield Row("recording every layer", capture, kept=capture.cpu <= CAPTURE_LIMIT * forward.cpu)
    yield Row("the same into new memory", new)
    note = f"{size:.0f} of {store().budget_mb} MB, {len(layers)} layers"
    yield Row("memory of the recording", note=note, kept=size <= store().budget_mb)


def _choices(look: Look) -> Iterator[Row]:
    """What follows from a click: each layer once, in the order of the network, nothing of it seen before."""
    nodes = [node for node in look.tree.maps if node.same_as is None]
    passes = store().passes
    yield _choice("another layer, grid and focus", [_show(look, Choice(layer=node.name)) for node in nodes])
    by_mean = [_show(look, Choice(layer=node.name, sort="mean")) for node in nodes]
    yield _choice("another order", by_mean)
    channels = [_focus(look, Choice(layer=node.name), _count(node) - 1) for node in nodes]
    yield _choice("another channel", channels)
    for view in ("norm", "pca", "clusters"):
        yield _choice(f"whole layer: {view}", [_focus(look, Choice(layer=n.name, view=view), 0) for n in nodes])
    yield Row("forward passes for all of that", note=str(store().passes - passes))
    widest = max(nodes, key=_count)
    maps = look.maps(widest, 0)
    repeated = tuple(index % len(maps) for index in range(_CHANNELS))
    made = sprite(maps, tile_side=tile_side(_CHANNELS), channels=repeated)
    size = len(made.png()) / 1000
    yield Row(f"{_CHANNELS} channels in one picture", note=f"{size:.0f} kB", kept=size < SPRITE_LIMIT_KB)


def _answers(look: Look, runs: int) -> Iterator[Row]:
    spec, image = look.spec, look.image
    raw = engine().forward(spec, image)
    target: Target = best_target(spec, raw, tasks.decode(spec, raw, tasks.default_params(spec)))
    layer = default_layer(spec, image)
    first = ablate(spec, image, layer, [0]).before
    steps: dict[str, Callable[[], object]] = {
        "activation map": lambda: explain(spec, image, target, layer),
        "the same with its sanity check": lambda: sanity_check(spec, image, target, layer),
        "one channel off": lambda: ablate(spec, image, layer, [0], before=first),
    }
    for (what, _), cost in zip(steps.items(), _in_turn(list(steps.values()), runs), strict=True):
        yield Row(what, cost)
    coarse = OcclusionParams(patch=0.5, overlap=1)
    places = occlude(spec, image, target, coarse).drops.size + 1
    (whole,) = _in_turn([lambda: occlude(spec, image, target, coarse)], runs)
    yield Row("occlusion, each covered place", replace(whole, wall=whole.wall / places, cpu=whole.cpu / places))


def _show(look: Look, choice: Choice) -> Callable[[], object]:
    """The grid and the large view of a choice, as the page makes them."""

    def show() -> None:
        shown = order_of(look, choice)[:PAGE]
        tiles(look, choice, shown)
        focus_data(look, choice, shown[0], None)

    return show


def _focus(look: Look, choice: Choice, channel: int) -> Callable[[], object]:
    return lambda: focus_data(look, choice, channel, None)


def _choice(what: str, steps: list[Callable[[], object]]) -> Row:
    cost = _cost([_timed(step) for step in steps])
    return Row(what, cost, note=f"slowest {cost.slowest:.0f}", kept=cost.slowest < CHOICE_LIMIT_MS)


def _in_turn(steps: list[Callable[[], object]], runs: int) -> list[Cost]:
    """Each step's cost, the steps taken in turn so that a machine whose speed drifts favours none."""
    for step in steps:
        step()
    taken = [[_timed(step) for step in steps] for _ in range(runs)]
    return [_cost([each[number] for each in taken]) for number in range(len(steps))]


def _timed(step: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU time in milliseconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def _cost(taken: list[tuple[float, float]]) -> Cost:
    walls, cpus = zip(*taken, strict=True)
    return Cost(statistics.median(walls), statistics.median(cpus), max(cpus))


def _count(node: Layer) -> int:
    return node.output_shape[0] if node.output_shape else 0


def _line(row: Row, forward: Cost | None) -> str:
    verdict = "" if row.kept is None else "  within its limit" if row.kept else "  BEYOND ITS LIMIT"
    if row.cost is None:
        return f"{row.what:34}{row.note:>28}{verdict}"
    ratio = row.cost.cpu / forward.cpu if forward else 1.0
    note = f"  {row.note}" if row.note else ""
    return f"{row.what:34}{row.cost.wall:9.1f}{row.cost.cpu:9.1f}{ratio:10.2f}{note}{verdict}"


if __name__ == "__main__":
    raise SystemExit(main())
