"""Whose training it is."""

from __future__ import annotations

from cvdemo.fashion.networks import TrainedClassifier
from cvdemo.models.fashion import MIRRORED
from cvdemo.training.desk import desk
from cvdemo.training.live import LiveTraining
from cvdemo.ui import words
from cvdemo.ui.ownership import Ownership

owner: Ownership[LiveTraining] = Ownership("training", desk)


def trained_network() -> TrainedClassifier | None:
    """The visitor's own network, once its training has ended."""
    run = owner.run()
    network = run.result if run else None
    if run is None or network is None:
        return None
    accuracy = run.snapshot().accuracy
    right = f", {words.percent(accuracy)}" if accuracy is not None else ""
    model = run.request.model
    key, title = f"mine:{id(run)}:{run.started}", f"My network ({model}{right})"
    return TrainedClassifier(key, title, network, mirrored=model in MIRRORED)
