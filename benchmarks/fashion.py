"""How long the textbook network takes to learn Fashion-MNIST: in Keras as the textbook has it, and here.

    pip install -r requirements-benchmarks.txt
    python -m benchmarks.fashion [--target 0.91] [--most-epochs 10] [--images 60000] [--only keras|ours]

Both train the same network (convolution 32 3x3, max-pool 2x2, dense 100, dense 10) on the same training images, with
the same number of threads, each in a process of its own, one after the other, until the accuracy on the 10,000 test
images first reaches the target at the end of an epoch; the test images only stop the clock. Keras trains as the
textbook says: Adam, batches of 32. Ours trains as this project does: larger batches, a one-cycle rate, bfloat16
where the processor has it. Timed are the epochs with their tests; loading libraries and data and one warm-up step are
not, for either. Prints both times and their ratio; where Keras gives up before the target, its time until then, so that
the ratio is an upper bound.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cvdemo.training.fashion_mnist import Garments, read_garments

#: Epochs of our one-cycle schedule; the rate falls to nothing at its end.
OUR_EPOCHS = 3
OUR_BATCH, OUR_RATE = 128, 3e-3


def main() -> None:
    """Run both, or as a child process one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", type=float, default=0.91, help="test accuracy at which the clock stops")
    parser.add_argument("--most-epochs", type=int, default=10, help="give up after that many epochs of Keras")
    parser.add_argument("--images", type=int, default=60_000, help="training images, fewer for a quick look")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", choices=("keras", "ours"))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_run(options)))
        return
    times, reached = {}, {}
    for who in [options.only] if options.only else ["keras", "ours"]:
        times[who], reached[who] = _in_a_process(who, options)
    if len(times) == 2 and reached["ours"]:
        bound = "" if reached["keras"] else "less than "
        print(f"ours took {bound}{times['ours'] / times['keras']:.2f} of the time of Keras")


def _in_a_process(who: str, options: argparse.Namespace) -> tuple[float, bool]:
    """Seconds until the last epoch, and whether the target was reached by then; prints every epoch."""
    if who == "keras" and find_spec("keras") is None:
        sys.exit("Keras is not installed; run: pip install -r requirements-benchmarks.txt")
    threads = str(options.threads)
    limits = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    env = {**os.environ, **dict.fromkeys(limits, threads), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "benchmarks.fashion", "--child", "--only", who, f"--target={options.target}"]
    command += [f"--most-epochs={options.most_epochs}", f"--images={options.images}", f"--threads={threads}"]
    done = subprocess.run(
        command, env=env, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    result = json.loads(done.stdout.splitlines()[-1])
    for epoch, (seconds, accuracy) in enumerate(result["epochs"], 1):
        print(f"{result['name']:40} epoch {epoch:2}  {seconds:7.1f} s  test accuracy {accuracy:.4f}", flush=True)
    if not result["reached"]:
        print(f"{result['name']:40} did not reach {options.target:.2%}")
    return float(result["epochs"][-1][0]), bool(result["reached"])


def _run(options: argparse.Namespace) -> dict[str, object]:
    training, test = read_garments("train").take(slice(None, options.images)), read_garments("test")
    run = _keras if options.only == "keras" else _ours
    return run(training, test, options.target, options.most_epochs, options.threads)


def _keras(training: Garments, test: Garments, target: float, most: int, threads: int) -> dict[str, object]:
    """The textbook's network and recipe in Keras."""
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, (3, 3), activation="relu", kernel_initializer="he_uniform"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(100, activation="relu", kernel_initializer="he_uniform"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    x, test_x = (garments.images[..., None].astype(np.float32) / 255 for garments in (training, test))
    y, test_y = training.labels.astype(np.int64), test.labels.astype(np.int64)
    weights = model.get_weights()
    model.train_on_batch(x[:32], y[:32])  # builds the graph, which is not timed
    model.evaluate(test_x[:1000], test_y[:1000], batch_size=1000, verbose=0)
    model.set_weights(weights)
    epochs: list[tuple[float, float]] = []
    start = time.perf_counter()
    for _ in range(most):
        model.fit(x, y, epochs=1, batch_size=32, verbose=0)
        _, accuracy = model.evaluate(test_x, test_y, batch_size=1000, verbose=0)
        epochs.append((time.perf_counter() - start, float(accuracy)))
        if accuracy >= target:
            break
    name = f"Keras {keras.__version__} ({keras.backend.backend()})"
    return {"name": name, "epochs": epochs, "reached": epochs[-1][1] >= target}


def _ours(training: Garments, test: Garments, target: float, most: int, threads: int) -> dict[str, object]:
    """The same network with this project's loop."""
    from dataclasses import replace

    import torch

    from cvdemo.training.fashion import confusion, fashion_job
    from cvdemo.training.loop import Progress, train
    from cvdemo.training.recipes import recipe_of
    from cvdemo.training.schedules import one_cycle

    torch.set_num_threads(threads)
    recipe = replace(
        recipe_of("article-cnn"),
        epochs=OUR_EPOCHS,
        batch_size=OUR_BATCH,
        learning_rate=OUR_RATE,
        weight_decay=0.02,
        schedule=one_cycle,
    )
    device = torch.device("cpu")
    warm_up = replace(recipe, epochs=1)
    train(fashion_job("article-cnn", training.take(slice(None, OUR_BATCH)), test.take(slice(None, 1000)), warm_up))
    job = fashion_job("article-cnn", training, test, recipe)
    job = replace(job, evaluate=lambda network: {"test": confusion(network, test, device).accuracy()})
    epochs: list[tuple[float, float]] = []
    start = time.perf_counter()

    def note(progress: Progress) -> None:
        if progress.record:
            epochs.append((time.perf_counter() - start, progress.record["test"]))

    class Enough:
        """Stops the loop once the target is reached."""

        def is_set(self) -> bool:
            return bool(epochs) and epochs[-1][1] >= target

    train(job, progress=note, cancel=Enough())
    return {"name": f"cvdemo (torch {torch.__version__})", "epochs": epochs, "reached": epochs[-1][1] >= target}


if __name__ == "__main__":
    main()
