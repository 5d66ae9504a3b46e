"""The training loop: it learns, resumes exactly, stops when told, and reports where it stands."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.errors import UsageError
from cvdemo.training.loop import CHECKPOINT, LOG, Job, Progress, train

EPOCHS, BATCHES = 3, 5


def _batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Noise with a bright stripe, upright or lying."""
    rng = np.random.default_rng(epoch)
    for _ in range(BATCHES):
        inputs = rng.normal(size=(16, 1, 8, 8)).astype(np.float32)
        labels = rng.integers(0, 2, 16)
        inputs[labels == 0, :, 3] += 3
        inputs[labels == 1, :, :, 3] += 3
        yield torch.from_numpy(inputs), torch.from_numpy(labels)


def _job(epochs: int = EPOCHS, ema_decay: float = 0.9) -> Job:
    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3), nn.Linear(144, 2)
    )
    return Job(
        name="tiny",
        model=model,
        optimizer=torch.optim.SGD(model.parameters(), 0.05, momentum=0.9),
        epochs=epochs,
        batches_per_epoch=BATCHES,
        batches=_batches,
        loss=F.cross_entropy,
        hits=lambda outputs, labels: float((outputs.argmax(1) == labels).float().mean()),
        evaluate=lambda network: {"training_mode": float(network.training)},
        schedule=lambda progress: 1 - progress / 2,
        ema_decay=ema_decay,
    )


class _StopIn:
    """Asks to stop at the given question."""

    def __init__(self, batches: int) -> None:
        self.left = batches

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def _same_state(one: nn.Module, other: nn.Module) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("stop_after", [BATCHES, BATCHES + 3, 2 * BATCHES + 1])
def test_a_resumed_run_ends_as_if_it_had_never_stopped(tmp_path: Path, stop_after: int) -> None:
    whole = train(_job(), tmp_path / "whole")
    broken = train(_job(), tmp_path / "broken", cancel=_StopIn(stop_after))
    assert not broken.finished
    assert len(broken.history) == stop_after // BATCHES
    resumed = train(_job(), tmp_path / "broken")
    assert resumed.finished
    assert _same_state(whole.model, resumed.model)
    figures = [[{k: v for k, v in r.items() if k != "seconds"} for r in o.history] for o in (whole, resumed)]
    assert figures[0] == figures[1]


def test_it_learns_and_the_result_is_ready_for_use() -> None:
    outcome = train(_job(epochs=12))
    assert outcome.history[-1]["accuracy"] > 0.9
    assert not outcome.model.training
    assert all(record["training_mode"] == 0 for record in outcome.history)


def test_without_averaging_the_result_is_the_trained_network() -> None:
    job = _job(ema_decay=0.0)
    outcome = train(job)
    assert _same_state(outcome.model, job.model)


def test_averaging_lags_behind_the_trained_network() -> None:
    job = _job(ema_decay=0.9)
    outcome = train(job)
    assert not _same_state(outcome.model, job.model)


def test_a_finished_run_is_not_trained_further(tmp_path: Path) -> None:
    first = train(_job(), tmp_path)
    reports: list[Progress] = []
    again = train(_job(), tmp_path, progress=reports.append)
    assert not reports
    assert _same_state(first.model, again.model)


def test_fresh_starts_over(tmp_path: Path) -> None:
    train(_job(), tmp_path)
    reports: list[Progress] = []
    train(_job(), tmp_path, fresh=True, progress=reports.append)
    assert len(reports) == EPOCHS * BATCHES


def test_progress_counts_up_to_the_end() -> None:
    reports: list[Progress] = []
    train(_job(), progress=reports.append)
    assert [(r.epoch, r.batch) for r in reports] == [
        (e, b) for e in range(1, EPOCHS + 1) for b in range(1, BATCHES + 1)
    ]
    assert [r.record is not None for r in reports] == [b == BATCHES for _ in range(EPOCHS) for b in range(1, 6)]
    assert reports[-1].seconds_left == 0
    assert reports[0].samples_per_s > 0


def test_the_log_is_readable_json(tmp_path: Path) -> None:
    outcome = train(_job(), tmp_path)
    log = json.loads((tmp_path / LOG).read_text())
    assert log == {"model": "tiny", "epochs": outcome.history}
    assert [record["epoch"] for record in log["epochs"]] == [1, 2, 3]


def test_it_stops_from_another_thread() -> None:
    flag = threading.Event()
    started = threading.Event()
    outcomes = []
    job = _job(epochs=10_000)
    worker = threading.Thread(
        target=lambda: outcomes.append(train(job, cancel=flag, progress=lambda report: started.set()))
    )
    worker.start()
    assert started.wait(20)
    flag.set()
    worker.join(20)
    assert not worker.is_alive()
    assert not outcomes[0].finished


def test_another_number_of_epochs_cannot_go_on(tmp_path: Path) -> None:
    train(_job(), tmp_path, cancel=_StopIn(BATCHES + 1))
    with pytest.raises(UsageError, match="--fresh"):
        train(_job(epochs=9), tmp_path)


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"not a checkpoint")
    with pytest.raises(UsageError, match="damaged"):
        train(_job(), tmp_path)


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    train(_job(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [CHECKPOINT, LOG]
