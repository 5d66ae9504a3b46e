"""The training loop that both subjects share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from cvdemo.errors import UsageError
from cvdemo.training.checkpoint import load_checkpoint, save_checkpoint, save_json
from cvdemo.training.precision import autocast

CHECKPOINT = "checkpoint.pt"
LOG = "log.json"


class CancelFlag(Protocol):
    """Anything like threading.Event: the loop stops soon after is_set() turns true."""

    def is_set(self) -> bool:
        """Whether the run should stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to train, and how.

    batches: epoch (from 0) -> pairs (inputs, targets); must depend on the epoch number only, so that a resumed
        run sees the same batches. loss: (outputs, targets) -> scalar. hits: (outputs, targets) -> share of right
        answers in the batch. schedule: progress in 0..1 -> factor on each learning rate. evaluate: averaged
        network in eval mode -> figures by name, called after epochs where evaluate_after(epoch) holds.
    ema_decay: how slowly the averaged weights, which are the result, follow the trained ones; 0 turns that off.
    """

    name: str
    model: nn.Module
    optimizer: torch.optim.Optimizer
    epochs: int
    batches_per_epoch: int
    batches: Callable[[int], Iterable[tuple[Tensor, Tensor]]]
    loss: Callable[[Tensor, Tensor], Tensor]
    hits: Callable[[Tensor, Tensor], float]
    evaluate: Callable[[nn.Module], dict[str, float]]
    evaluate_after: Callable[[int], bool] = lambda epoch: True
    schedule: Callable[[float], float] = lambda progress: 1.0
    ema_decay: float = 0.0
    clip_norm: float | None = None
    seed: int = 0
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands, reported after every batch. epoch and batch count from 1; record: set when an epoch ends."""

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    accuracy: float
    samples_per_s: float
    seconds_left: float
    record: dict[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended. model: the averaged network in eval mode. history: one record an epoch."""

    model: nn.Module
    history: list[dict[str, float]]
    finished: bool


class _Run:
    """The changing state of one run: epoch, weights, average, optimiser, history."""

    def __init__(self, job: Job, folder: Path | None, fresh: bool) -> None:
        torch.manual_seed(job.seed)
        self.job = job
        self.folder = folder
        self.model = job.model.to(job.device).to(memory_format=torch.channels_last)
        averaged = job.ema_decay > 0
        self.average = AveragedModel(self.model, multi_avg_fn=self._average, use_buffers=True) if averaged else None
        self.epoch = 0
        self.history: list[dict[str, float]] = []
        saved = None if fresh or folder is None else load_checkpoint(folder / CHECKPOINT)
        if saved:
            self._restore(saved)

    def _average(self, averages: Any, values: Any, count: Any) -> None:
        """Exponential moving average with a warm-up: early on, it follows the weights closely."""
        decay = min(self.job.ema_decay, (1 + int(count)) / (10 + int(count)))
        for average, value in zip(averages, values, strict=True):
            if average.is_floating_point():
                average.lerp_(value, 1 - decay)
            else:
                average.copy_(value)

    def _restore(self, saved: dict[str, Any]) -> None:
        if saved.get("epochs", self.job.epochs) != self.job.epochs:
            raise UsageError(
                f"The run in '{self.folder}' was begun for {saved['epochs']} epochs; go on with that number, or start "
                "over with --fresh."
            )
        self.model.load_state_dict(saved["model"])
        if self.average is not None:
            self.average.load_state_dict(saved["average"])
        self.job.optimizer.load_state_dict(saved["optimizer"])
        self.epoch = saved["epoch"]
        self.history = saved["history"]

    def save(self) -> None:
        """Keep everything that the next epoch depends on."""
        if self.folder is None:
            return
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict() if self.average is not None else None,
            "optimizer": self.job.optimizer.state_dict(),
            "epoch": self.epoch,
            "epochs": self.job.epochs,
            "history": self.history,
        }
        save_checkpoint(self.folder / CHECKPOINT, state)
        save_json(self.folder / LOG, {"model": self.job.name, "epochs": self.history})

    @property
    def result(self) -> nn.Module:
        """The averaged network, or the trained one where nothing is averaged, ready for use."""
        network = self.average.module if self.average is not None else self.model
        return network.eval()

    def set_rates(self, progress: float) -> None:
        """Learning rates for this point of the run, 0..1."""
        factor = self.job.schedule(progress)
        for group in self.job.optimizer.param_groups:
            group.setdefault("base_lr", group["lr"])
            group["lr"] = group["base_lr"] * factor

    def step(self, inputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """One update of the weights and of their average; returns (loss, share of right answers)."""
        job = self.job
        inputs = inputs.to(job.device, memory_format=torch.channels_last)
        targets = targets.to(job.device)
        with autocast(job.device):
            outputs = self.model(inputs)
        outputs = (outputs[0] if isinstance(outputs, tuple) else outputs).float()
        loss = job.loss(outputs, targets)
        job.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if job.clip_norm:
            nn.utils.clip_grad_norm_(self.model.parameters(), job.clip_norm)
        job.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.model)
        return float(loss.detach()), job.hits(outputs.detach(), targets)


def train(
    job: Job,
    folder: Path | None = None,
    *,
    fresh: bool = False,
    progress: Callable[[Progress], None] = lambda report: None,
    cancel: CancelFlag | None = None,
) -> Outcome:
    """Run the job to its end, or until cancelled.

    folder: where the checkpoint and log.json are kept after every epoch; a run that finds a checkpoint there goes
    on from it, with the same result as if it had never stopped, unless fresh. None keeps nothing.
    progress is called in this thread after every batch and may block, which pauses the run.
    """
    run = _Run(job, folder, fresh)
    while run.epoch < job.epochs:
        record = _epoch(run, progress, cancel)
        if record is None:
            return Outcome(model=run.result, history=run.history, finished=False)
    return Outcome(model=run.result, history=run.history, finished=True)


def _epoch(run: _Run, progress: Callable[[Progress], None], cancel: CancelFlag | None) -> dict[str, float] | None:
    """One pass over the data; None when it was cancelled half-way."""
    job, started = run.job, time.perf_counter()
    torch.manual_seed(job.seed + 1 + run.epoch)
    run.model.train()
    loss_sum = hits_sum = 0.0
    samples = 0
    for index, (inputs, targets) in enumerate(job.batches(run.epoch)):
        if cancel is not None and cancel.is_set():
            return None
        run.set_rates((run.epoch * job.batches_per_epoch + index) / (job.epochs * job.batches_per_epoch))
        loss, hits = run.step(inputs, targets)
        loss_sum += loss * len(inputs)
        hits_sum += hits * len(inputs)
        samples += len(inputs)
        report = _report(run, index + 1, loss_sum / samples, hits_sum / samples, samples, started)
        if index + 1 < job.batches_per_epoch:
            progress(report)
    record = {"epoch": run.epoch + 1, "loss": loss_sum / samples, "accuracy": hits_sum / samples}
    if job.evaluate_after(run.epoch):
        record |= job.evaluate(run.result)
    record = {name: round(value, 5) for name, value in record.items()}
    record["seconds"] = round(time.perf_counter() - started, 1)
    run.epoch += 1
    run.history.append(record)
    run.save()
    progress(replace(report, record=record))
    return record


def _report(run: _Run, batch: int, loss: float, accuracy: float, samples: int, started: float) -> Progress:
    job = run.job
    seconds = time.perf_counter() - started
    batches_left = job.batches_per_epoch - batch + (job.epochs - run.epoch - 1) * job.batches_per_epoch
    return Progress(
        epoch=run.epoch + 1,
        epochs=job.epochs,
        batch=batch,
        batches=job.batches_per_epoch,
        loss=loss,
        accuracy=accuracy,
        samples_per_s=samples / seconds,
        seconds_left=batches_left * seconds / batch,
    )
