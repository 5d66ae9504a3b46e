"""The process-wide engine: every network is loaded once, and every picture goes through it once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from cvdemo.device import resolve_device
from cvdemo.models import family_of
from cvdemo.models.boxes import select
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.runtime import OnnxRuntime, Runtime, TorchRuntime, cached_graph, export_graph, graph_key
from cvdemo.settings import Settings, settings
from cvdemo.types import Detections, Image, Prepared, RawOutput
from cvdemo.weights import file_sha256, load_state, verified_path

if TYPE_CHECKING:
    from torch import nn

V = TypeVar("V")
_PERSON = 0
MAX_PEOPLE = 20
#: Seconds that a stream waits for pages before it takes its turn all the same.
PATIENCE = 0.5
#: Pixels of a side of the input that networks for any size are exported with; a multiple of every stride.
_CORNER = 64


class _Lru(Generic[V]):
    """A thread-safe mapping that forgets what was used longest ago once its cost exceeds the limit."""

    def __init__(self, limit: int, cost: Callable[[V], int] = lambda _: 1) -> None:
        self._limit, self._cost = limit, cost
        self._items: OrderedDict[object, V] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    def get(self, key: object) -> V | None:
        with self._lock:
            if key not in self._items:
                return None
            self._items.move_to_end(key)
            return self._items[key]

    def put(self, key: object, value: V) -> None:
        with self._lock:
            if key in self._items:
                self._total -= self._cost(self._items.pop(key))
            self._items[key] = value
            self._total += self._cost(value)
            while self._total > self._limit and len(self._items) > 1:
                self._total -= self._cost(self._items.popitem(last=False)[1])


class _Turns:
    """Pages go first: whoever streams lets them pass before each forward pass, so that a page waits for one at most."""

    def __init__(self) -> None:
        self._pages = 0
        self._change = threading.Condition()

    @contextmanager
    def page(self) -> Iterator[None]:
        """A page's forward pass is waiting or running within the block."""
        with self._change:
            self._pages += 1
        try:
            yield
        finally:
            with self._change:
                self._pages -= 1
                self._change.notify_all()

    def after_pages(self, patience: float) -> None:
        """Wait until no page is waiting or running, but no longer than so many seconds: pages starve nobody either."""
        with self._change:
            self._change.wait_for(lambda: self._pages == 0, patience)


class Engine:
    """Loads networks on first use and runs them; safe to call from any number of threads.

    forward_count counts real forward passes: a picture seen before adds nothing.
    """

    def __init__(self, config: Settings) -> None:
        self._config = config
        self._locks: dict[str, threading.RLock] = {}
        self._lanes: dict[str, threading.RLock] = {}
        self._turns = _Turns()
        self._guard = threading.Lock()
        self._runtimes: _Lru[Runtime] = _Lru(config.max_models)
        self._modules: _Lru[nn.Module] = _Lru(max(1, config.max_models // 2))
        self._raw: _Lru[RawOutput] = _Lru(config.raw_cache_mb * 2**20, lambda raw: raw.nbytes)
        self.forward_count = 0

    @property
    def device(self) -> str:
        """The device networks run on. Raises DeviceError when the configured one is absent."""
        return resolve_device(self._config.device)

    def forward(self, spec: ModelSpec, image: Image, people_floor: float = 0.25, *, keep: bool = True) -> RawOutput:
        """The network's outputs for a picture, from the cache if it went through before.

        people_floor: for top-down pose, the detector score from which a person is looked at. keep: False for a
        picture that will not come again, such as a frame of a film, so that it drives nothing out of the cache and,
        like any stream, lets pages go first.
        Outputs are cached by picture, model, input size and floor. Raises WeightsError, DeviceError.
        """
        key = (image.sha256, image.size_hw, spec.name, spec.input_hw, people_floor if spec.detector else None)
        if (raw := self._raw.get(key)) is not None:
            return raw
        with self._turns.page() if keep else nullcontext():
            people = self._people(spec, image, people_floor, keep) if spec.detector else None
            with self._lock(spec) if keep else self.streaming(spec):
                if (raw := self._raw.get(key)) is None:
                    raw = self._forward(spec, image, people)
                    if keep:
                        self._raw.put(key, raw)
        return raw

    def forward_once(self, spec: ModelSpec, image: Image, people: Detections | None = None) -> RawOutput:
        """The network's outputs for a picture that will not come again, as a frame of a stream: nothing is cached.

        people: for top-down pose, whom to look at, in picture pixels; None stands for one who fills the picture.
        Pages that want the network go first. Raises WeightsError, DeviceError.
        """
        with self.streaming(spec):
            return self._forward(spec, image, people)

    @contextmanager
    def streaming(self, spec: ModelSpec) -> Iterator[None]:
        """The block is a stream's pass through a model: one at a time, pages before it, none beside it."""
        with self._guard:
            lane = self._lanes.setdefault(spec.name, threading.RLock())
        with lane:
            self._turns.after_pages(PATIENCE)
            with self._lock(spec):
                yield

    def module(self, spec: ModelSpec) -> nn.Module:
        """The network itself with its weights, float32 in eval mode on the engine's device, to look inside.

        It is not the object that predictions run on, so hooks on it never touch anybody's prediction.
        """
        with self._lock(spec):
            if (module := self._modules.get(spec.name)) is None:
                module = self._load_module(spec).to(self.device)
                self._modules.put(spec.name, module)
        return module

    def prepare(self, spec: ModelSpec, image: Image, people_floor: float = 0.25) -> Prepared:
        """The network's input for a picture, exactly as forward feeds it."""
        people = self._people(spec, image, people_floor) if spec.detector else None
        return family_of(spec).preprocess(spec, image, people)

    def _lock(self, spec: ModelSpec) -> threading.RLock:
        """Whoever loads or runs a model holds its lock."""
        with self._guard:
            return self._locks.setdefault(spec.name, threading.RLock())

    def _people(self, spec: ModelSpec, image: Image, floor: float, keep: bool = True) -> Detections:
        detector = REGISTRY.get(spec.detector or "")
        found = family_of(detector).decode(detector, self.forward(detector, image, keep=keep))
        assert isinstance(found, Detections)
        return select(
            found,
            score_threshold=floor,
            iou_threshold=0.6,
            class_ids=[_PERSON],
            max_detections=MAX_PEOPLE,
        )

    def _forward(self, spec: ModelSpec, image: Image, people: Detections | None) -> RawOutput:
        family = family_of(spec)
        start = time.perf_counter()
        prepared = family.preprocess(spec, image, people)
        # A network needs at least one input; where nobody was found it sees an empty one, dropped again below.
        count = len(prepared.inputs)
        inputs = prepared.inputs if count else np.zeros((1, *prepared.inputs.shape[1:]), np.float32)
        ready = time.perf_counter()
        runtime = self.runtime(spec, inputs)
        begin = time.perf_counter()
        outputs = _in_parts(runtime, inputs, family.at_once)
        end = time.perf_counter()
        self.forward_count += 1
        return RawOutput(
            outputs={name: array[:count] for name, array in zip(family.output_names, outputs, strict=True)},
            letterboxes=prepared.letterboxes,
            size_hw=image.size_hw,
            people=people,
            preprocess_s=ready - start,
            forward_s=end - begin,
            device=self.device,
        )

    def runtime(self, spec: ModelSpec, example: np.ndarray) -> Runtime:
        """What runs the network's forward pass on the engine's device. example: an input, (N, C, H, W) float32."""
        key = _input_name(spec)
        runtime = self._runtimes.get(key)
        if runtime is None:
            device = self.device
            if device == "cpu" or spec.weights.endswith(".onnx"):
                runtime = OnnxRuntime(self._graph(spec, example), self._config.threads)
            else:
                runtime = TorchRuntime(self._load_module(spec), device)
            self._runtimes.put(key, runtime)
        return runtime

    def _graph(self, spec: ModelSpec, example: np.ndarray) -> bytes:
        family = family_of(spec)
        path = verified_path(spec, pinned=family.load is None)
        if path.suffix == ".onnx":
            return path.read_bytes()
        key = graph_key(family, file_sha256(path))
        # Where height and width are free a corner is enough to follow the network through, and takes little memory.
        part = example[:1, :, :_CORNER, :_CORNER] if family.dynamic_hw else example[:1]
        export = lambda: export_graph(self._load_module(spec), family, part)  # noqa: E731
        return cached_graph(self._config.cache_dir, _input_name(spec), key, export)

    def _load_module(self, spec: ModelSpec) -> nn.Module:
        import torch

        torch.set_num_threads(self._config.threads)
        family = family_of(spec)
        if family.load is not None:
            return family.load(spec).eval().requires_grad_(False)
        module = family.build(spec).eval().requires_grad_(False)
        module.load_state_dict(load_state(spec))
        return module


def _input_name(spec: ModelSpec) -> str:
    """A model's name, with the input size where each size has a graph of its own."""
    return spec.name if family_of(spec).dynamic_hw else f"{spec.name}@{spec.input_hw[0]}x{spec.input_hw[1]}"


def _in_parts(runtime: Runtime, inputs: np.ndarray, at_once: int | None) -> list[np.ndarray]:
    """The outputs for all inputs, at most at_once of them a pass."""
    step = at_once or len(inputs)
    parts = [runtime(inputs[first : first + step]) for first in range(0, len(inputs), step)]
    return parts[0] if len(parts) == 1 else [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]


@cache
def engine() -> Engine:
    """The engine of this process."""
    return Engine(settings())
