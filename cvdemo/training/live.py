"""One training in a thread of its own, which a page may watch, pause and cancel while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from cvdemo.background import GONE_AFTER, BackgroundRun, State
from cvdemo.errors import UsageError
from cvdemo.models.nets.fashion.base import GarmentNet
from cvdemo.training.fashion import fashion_job
from cvdemo.training.fashion_mnist import Garments, read_garments, split_held_out
from cvdemo.training.history import Curve, FilterFilm, first_filters
from cvdemo.training.loop import Outcome, Progress, train
from cvdemo.training.request import TrainingRequest

#: Held-out images that the accuracy is measured on after every epoch; few enough not to be waited for.
MEASURED_ON = 2000


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


class LiveTraining(BackgroundRun):
    """A run of the training loop in a daemon thread.

    alive, gone_after: see BackgroundRun. data: (training, held out), None for the data set on this machine. The
    result exists from the end of the first epoch on, also when cancelled after it.
    """

    def __init__(
        self,
        request: TrainingRequest,
        alive: Callable[[], bool] = lambda: True,
        data: tuple[Garments, Garments] | None = None,
        gone_after: float = GONE_AFTER,
    ) -> None:
        super().__init__(
            f"training {request.model}",
            alive,
            gone_after,
            failed="The training stopped for a reason of its own; try other settings.",
        )
        self.request = request
        self.film = FilterFilm()
        self._data = data
        self._progress: Progress | None = None
        self._curve = Curve()
        self._epochs: list[dict[str, float]] = []
        self._network: GarmentNet | None = None
        self._model: nn.Module | None = None

    @property
    def result(self) -> GarmentNet | None:
        """The trained network in eval mode, once the run has ended with at least one whole epoch."""
        with self._lock:
            return self._network

    @property
    def seconds_left(self) -> float | None:
        """From the speed so far."""
        with self._lock:
            done = self._epochs_done()
            return self.seconds / done * (self.request.epochs - done) if done and self.active else None

    def snapshot(self) -> Snapshot:
        """Where it stands now."""
        with self._lock:
            seconds, records = self.seconds, tuple(self._epochs)
            return Snapshot(
                state=self._state,
                progress=self._progress,
                curve=tuple(self._curve.points),
                epochs=records,
                seconds=seconds,
                images_per_s=self._epochs_done() * self.request.images / seconds if seconds else 0.0,
                seconds_left=self.seconds_left,
                message=self._message,
                accuracy=records[-1].get("held_out_accuracy") if records else None,
            )

    def _epochs_done(self) -> float:
        """With the part of the present one. Callers hold the lock."""
        progress = self._progress
        return 0.0 if progress is None else progress.epoch - 1 + progress.batch / progress.batches

    def _work(self) -> bool:
        try:
            outcome = self._train()
        finally:
            self._model = None
        if outcome.history:
            assert isinstance(outcome.model, GarmentNet)
            with self._lock:
                self._network = outcome.model.to(memory_format=torch.contiguous_format)
        return outcome.finished

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
        self._checkpoint()


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
