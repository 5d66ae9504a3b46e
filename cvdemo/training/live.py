"""One training in a thread of its own, which a page may watch, pause and cancel while it runs."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from torch import nn

from cvdemo.errors import CvdemoError, UsageError
from cvdemo.models.nets.fashion.base import GarmentNet
from cvdemo.training.fashion import fashion_job
from cvdemo.training.fashion_mnist import Garments, read_garments, split_held_out
from cvdemo.training.history import Curve, FilterFilm, first_filters
from cvdemo.training.loop import Outcome, Progress, train
from cvdemo.training.request import TrainingRequest

State = Literal["running", "paused", "finished", "cancelled", "failed"]
#: Held-out images that the accuracy is measured on after every epoch; few enough not to be waited for.
MEASURED_ON = 2000
#: Seconds after which a training ends whose visitor is gone.
GONE_AFTER = 600.0
_log = logging.getLogger("cvdemo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A training at one moment. progress: None before the first batch. seconds: of work, pauses not counted.
    images_per_s: over the whole run. seconds_left: None until it can be told. message: why it ended, if it did so
    early. accuracy: on held-out images after the last whole epoch."""

    state: State
    progress: Progress | None
    curve: tuple[tuple[float, float, float], ...]
    epochs: tuple[dict[str, float], ...]
    seconds: float
    images_per_s: float
    seconds_left: float | None
    message: str
    accuracy: float | None

    @property
    def active(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ("running", "paused")

    @property
    def share(self) -> float:
        """How much of it is done, 0..1."""
        if self.progress is None:
            return 0.0
        done = self.progress.epoch - 1 + self.progress.batch / self.progress.batches
        return min(done / self.progress.epochs, 1.0)


@lru_cache(maxsize=1)
def training_data() -> tuple[Garments, Garments]:
    """Fashion-MNIST's training images and the held-out ones, read once for all trainings. Raises DatasetError."""
    return split_held_out(read_garments("train"))


class LiveTraining:
    """A run of the training loop in a daemon thread.

    alive: whether whoever started it is still there; asked now and then. data: (training, held out), None for the
    data set on this machine. The result exists from the end of the first epoch on, also when cancelled after it.
    """

    def __init__(
        self,
        request: TrainingRequest,
        alive: Callable[[], bool] = lambda: True,
        data: tuple[Garments, Garments] | None = None,
        gone_after: float = GONE_AFTER,
    ) -> None:
        self.request = request
        self.film = FilterFilm()
        self.started = time.time()
        self._data, self._alive, self._gone_after = data, alive, gone_after
        self._lock = threading.Lock()
        self._cancel, self._go = threading.Event(), threading.Event()
        self._go.set()
        self._state: State = "running"
        self._progress: Progress | None = None
        self._curve = Curve()
        self._epochs: list[dict[str, float]] = []
        self._message = ""
        self._worked, self._resumed = 0.0, time.monotonic()
        self._last_seen = time.monotonic()
        self._network: GarmentNet | None = None
        self._model: nn.Module | None = None
        self._thread = threading.Thread(target=self._run, name=f"training {request.model}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def pause(self) -> None:
        """Stop after the batch at hand until resume(); costs no processor time meanwhile."""
        with self._lock:
            if self._state == "running":
                self._state = "paused"
                self._worked += time.monotonic() - self._resumed
                self._go.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        with self._lock:
            if self._state == "paused":
                self._state = "running"
                self._resumed = time.monotonic()
                self._go.set()

    def cancel(self, message: str = "") -> None:
        """End soon; harmless when it has ended."""
        with self._lock:
            if self._state in ("running", "paused"):
                self._message = message
        self._cancel.set()
        self._go.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end; whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def result(self) -> GarmentNet | None:
        """The trained network in eval mode, once the run has ended with at least one whole epoch."""
        with self._lock:
            return self._network

    def snapshot(self) -> Snapshot:
        """Where it stands now."""
        with self._lock:
            seconds = self._worked + (time.monotonic() - self._resumed if self._state == "running" else 0.0)
            records, progress = tuple(self._epochs), self._progress
            curve = tuple(self._curve.points)
            state, message = self._state, self._message
        done = 0.0 if progress is None else progress.epoch - 1 + progress.batch / progress.batches
        images = done * self.request.images
        left = seconds / done * (self.request.epochs - done) if done else None
        return Snapshot(
            state=state,
            progress=progress,
            curve=curve,
            epochs=records,
            seconds=seconds,
            images_per_s=images / seconds if seconds else 0.0,
            seconds_left=left if state in ("running", "paused") else None,
            message=message,
            accuracy=records[-1].get("held_out_accuracy") if records else None,
        )

    def _run(self) -> None:
        """The thread. Whatever goes wrong becomes a state with a sentence."""
        _yield_to_others()
        try:
            outcome = self._train()
            self._end("finished" if outcome.finished else "cancelled", outcome)
        except CvdemoError as error:
            self._end("failed", message=str(error))
        except Exception:  # the thread's last resort: nobody else would ever hear of it
            _log.exception("a training failed")
            self._end("failed", message="The training stopped for a reason of its own; try other settings.")
        finally:
            self._model = None

    def _train(self) -> Outcome:
        request = self.request
        training, held_out = self._data or training_data()
        torch.set_num_threads(1)  # the networks that answer on the pages share the cores
        job = fashion_job(
            request.model,
            training.take(slice(None, request.images)),
            held_out.take(slice(None, MEASURED_ON)),
            request.recipe(),
        )
        self._model = job.model
        self.film.add(0.0, first_filters(job.model))
        return train(job, progress=self._report, cancel=self._cancel)

    def _report(self, progress: Progress) -> None:
        """Called by the loop after every batch; blocks while paused."""
        if not math.isfinite(progress.loss):
            raise UsageError("The loss is no longer a number: the learning rate is too high; try a tenth of it.")
        done = progress.epoch - 1 + progress.batch / progress.batches
        with self._lock:
            self._progress = progress
            self._curve.add(done, progress.loss, progress.accuracy)
            if progress.record:
                self._epochs.append(progress.record)
        if self._model is not None and progress.record:
            self.film.add(done, first_filters(self._model))
        elif self._model is not None:
            self.film.take(done, self._model)
        self._check_owner()
        while not self._go.wait(1.0):
            self._check_owner()

    def _check_owner(self) -> None:
        now = time.monotonic()
        if self._alive():
            self._last_seen = now
        elif now - self._last_seen > self._gone_after:
            self.cancel("Ended because its page was closed.")

    def _end(self, state: State, outcome: Outcome | None = None, message: str = "") -> None:
        with self._lock:
            if self._state == "running":
                self._worked += time.monotonic() - self._resumed
            self._state = state
            self._message = message or self._message
            if outcome and outcome.history:
                assert isinstance(outcome.model, GarmentNet)
                self._network = outcome.model.to(memory_format=torch.contiguous_format)


def as_safetensors(run: LiveTraining) -> bytes:
    """The result as a weights file that this app can load again, with what it came from in its metadata.

    Raises UsageError while there is no result.
    """
    from safetensors.torch import save

    network = run.result
    if network is None:
        raise UsageError("There is no trained network yet; wait for the end of the first epoch.")
    state = {
        name: tensor.detach().contiguous()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")  # inference does not read the batch counters
    }
    snapshot = run.snapshot()
    about = {
        "network": run.request.model,
        "epochs": str(len(snapshot.epochs)),
        "images": str(run.request.images),
        "held_out_accuracy": f"{snapshot.accuracy or 0:.4f}",
    }
    return save(state, metadata=about)


def _yield_to_others() -> None:
    """Let this thread run when nobody else wants the processor, where the system can tell threads apart."""
    if hasattr(os, "setpriority") and hasattr(threading, "get_native_id"):
        try:
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + 5)
        except OSError as error:
            _log.info("training keeps its priority: %s", error)
