"""Live trainings: pausing, cancelling, ending, and what is left of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from safetensors.torch import load

from cvdemo.errors import UnknownModelError, UsageError
from cvdemo.models.nets.fashion import NETWORKS
from cvdemo.training.desk import TrainingDesk
from cvdemo.training.history import Curve, FilterFilm
from cvdemo.training.live import LiveTraining, as_safetensors
from cvdemo.training.request import TrainingRequest
from tests.training.synthetic import garments

DATA = (garments(1200), garments(200, seed=1))


def request(epochs: int = 2, rate: float = 1e-3, batch: int = 64) -> TrainingRequest:
    return TrainingRequest(model="article-cnn", epochs=epochs, learning_rate=rate, batch_size=batch, images=1000)


def wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Until the condition holds; fails when it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def long_run() -> Iterator[LiveTraining]:
    """A training that goes on until the test ends it."""
    run = LiveTraining(request(epochs=30), data=DATA)
    run.start()
    wait(lambda: run.snapshot().progress is not None)
    yield run
    run.cancel()
    assert run.join(30)


def test_a_run_ends_with_a_network_that_knows_what_it_learnt() -> None:
    run = LiveTraining(request(epochs=4), data=DATA)
    assert run.result is None
    run.start()
    assert run.join(120)
    end = run.snapshot()
    assert end.state == "finished"
    assert not end.active
    assert end.share == pytest.approx(1)
    assert len(end.epochs) == 4
    assert end.accuracy is not None
    assert end.accuracy > 0.9
    assert end.curve[0][1] > end.curve[-1][1]
    assert end.images_per_s > 0
    assert end.seconds_left is None
    network = run.result
    assert network is not None
    assert not network.training
    with torch.inference_mode():
        said = network(torch.tensor(DATA[1].images[:, None] / 255, dtype=torch.float32))[0].argmax(1).numpy()
    assert (said == DATA[1].labels).mean() == pytest.approx(end.accuracy, abs=0.02)


def test_the_download_loads_into_the_network_and_answers_alike() -> None:
    run = LiveTraining(request(), data=DATA)
    run.start()
    assert run.join(120)
    network = NETWORKS["article-cnn"]().eval()
    network.load_state_dict(load(as_safetensors(run)))
    inputs = torch.rand(3, 1, 28, 28)
    assert run.result is not None
    with torch.inference_mode():
        torch.testing.assert_close(network(inputs)[0], run.result(inputs)[0])


def test_first_layer_changes_on_film() -> None:
    run = LiveTraining(request(), data=DATA)
    run.start()
    assert run.join(120)
    frames = run.film.frames
    assert frames[0][0] == 0
    assert frames[0][1].shape == (32, 3, 3)
    assert np.abs(frames[-1][1].astype(float) - frames[0][1]).max() > 1e-3


def test_pause_stops_the_work_and_resume_goes_on(long_run: LiveTraining) -> None:
    long_run.pause()
    time.sleep(0.3)  # the batch at hand may still end
    held = long_run.snapshot()
    time.sleep(0.5)
    assert long_run.snapshot().state == "paused"
    assert long_run.snapshot().progress == held.progress
    assert long_run.snapshot().seconds == pytest.approx(held.seconds)
    long_run.resume()
    wait(lambda: long_run.snapshot().progress != held.progress)
    assert long_run.snapshot().state == "running"


def test_cancel_ends_the_thread_also_while_paused(long_run: LiveTraining) -> None:
    long_run.pause()
    long_run.cancel("Cancelled.")
    assert long_run.join(30)
    assert long_run.snapshot().state == "cancelled"
    assert long_run.snapshot().message == "Cancelled."
    assert not any(thread.name == "training article-cnn" for thread in threading.enumerate())


def test_what_a_cancelled_run_has_learnt_can_be_used(long_run: LiveTraining) -> None:
    wait(lambda: len(long_run.snapshot().epochs) >= 1)
    long_run.cancel()
    assert long_run.join(30)
    assert long_run.result is not None


def test_before_the_first_epoch_ends_there_is_nothing_to_download(long_run: LiveTraining) -> None:
    if not long_run.snapshot().active:
        pytest.fail("the run ended before it was looked at")
    with pytest.raises(UsageError, match="no trained network yet"):
        as_safetensors(long_run)


def test_a_rate_that_is_too_high_is_explained() -> None:
    run = LiveTraining(
        TrainingRequest(model="mini-vgg", epochs=3, learning_rate=1.0, batch_size=64, images=1000),
        data=(garments(640), garments(50)),
    )
    run.start()
    assert run.join(180)
    end = run.snapshot()
    if end.state == "failed":
        assert "learning rate is too high" in end.message
    else:
        assert end.accuracy is not None
        assert end.accuracy < 0.5


def test_data_that_is_not_there_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    from cvdemo.training import fashion_mnist, live

    live.training_data.cache_clear()
    monkeypatch.setattr(fashion_mnist, "find_fashion_mnist", lambda: None)
    run = LiveTraining(request())
    run.start()
    assert run.join(60)
    assert run.snapshot().state == "failed"
    assert "Fashion-MNIST is not on this machine" in run.snapshot().message


def test_a_run_whose_visitor_is_gone_ends() -> None:
    here = threading.Event()
    here.set()
    run = LiveTraining(request(epochs=30), alive=here.is_set, data=DATA, gone_after=0.2)
    run.start()
    wait(lambda: run.snapshot().progress is not None)
    here.clear()
    assert run.join(30)
    assert run.snapshot().state == "cancelled"
    assert "page was closed" in run.snapshot().message


def test_a_paused_run_whose_visitor_is_gone_ends_too() -> None:
    here = threading.Event()
    here.set()
    run = LiveTraining(request(epochs=30), alive=here.is_set, data=DATA, gone_after=0.2)
    run.start()
    wait(lambda: run.snapshot().progress is not None)
    run.pause()
    here.clear()
    assert run.join(30)
    assert run.snapshot().state == "cancelled"


@pytest.fixture
def desk() -> Iterator[TrainingDesk]:
    desk = TrainingDesk(most=2)
    yield desk
    desk.close()
    assert not any(thread.name.startswith("training ") for thread in threading.enumerate())


def test_two_train_at_once_and_a_third_is_told_to_wait(desk: TrainingDesk) -> None:
    runs = [desk.start(owner, request(epochs=30), data=DATA) for owner in ("ann", "ben")]
    wait(lambda: all(run.snapshot().progress for run in runs))
    with pytest.raises(UsageError, match="2 trainings are under way, as many as this machine takes; try again"):
        desk.start("cat", request(), data=DATA)
    runs[0].cancel()
    assert runs[0].join(30)
    third = desk.start("cat", request(epochs=30), data=DATA)
    wait(lambda: third.snapshot().progress is not None)


def test_everybody_sees_only_their_own(desk: TrainingDesk) -> None:
    run = desk.start("ann", request(), data=DATA)
    assert desk.of("ann") is run
    assert desk.of("ben") is None
    with pytest.raises(UsageError, match="still under way"):
        desk.start("ann", request(), data=DATA)


def test_a_new_training_takes_the_place_of_the_ended_one(desk: TrainingDesk) -> None:
    first = desk.start("ann", request(epochs=1), data=DATA)
    assert first.join(60)
    second = desk.start("ann", request(epochs=1), data=DATA)
    assert desk.of("ann") is second


def test_results_of_those_who_are_gone_are_dropped() -> None:
    desk = TrainingDesk(gone_after=0.1)
    here = threading.Event()
    here.set()
    run = desk.start("ann", request(epochs=1), alive=here.is_set, data=DATA)
    assert run.join(60)
    assert desk.of("ann") is run
    here.clear()
    time.sleep(0.2)
    assert desk.of("ann") is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "Epochs must be between 1 and 30"),
        ({"learning_rate": float("nan")}, "learning rate must be between"),
        ({"learning_rate": 5.0}, "learning rate must be between"),
        ({"batch_size": 100_000}, "batch size must be between 16 and 512"),
        ({"images": 10}, "number of images must be between 1000 and 55000"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(change: dict[str, float], message: str) -> None:
    usual = {"model": "article-cnn", "epochs": 1, "learning_rate": 0.1, "batch_size": 32, "images": 2000}
    with pytest.raises(UsageError, match=message):
        TrainingRequest(**{**usual, **change})  # type: ignore[arg-type]


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(UnknownModelError, match="There is no garment network 'resnet'"):
        TrainingRequest(model="resnet", epochs=1, learning_rate=0.1, batch_size=32, images=2000)


def test_curves_and_films_stay_bounded_and_keep_both_ends() -> None:
    curve = Curve(most=50)
    film = FilterFilm(most=10, every_s=0)
    for step in range(1000):
        curve.add(step, 1.0, 0.0)
        film.add(step, np.zeros((1, 3, 3), np.float32))
    assert len(curve.points) < 50
    assert curve.points[0][0] == 0
    assert curve.points[-1][0] > 900
    assert len(film.frames) <= 10
    assert film.frames[0][0] == 0
    assert film.frames[-1][0] == 999
