"""Train a network live: what to train, and a place to watch it."""

from __future__ import annotations

import streamlit as st

from cvdemo.errors import CvdemoError, DatasetError
from cvdemo.training.desk import MOST_AT_ONCE, desk
from cvdemo.training.fashion_mnist import download_fashion_mnist, find_fashion_mnist
from cvdemo.training.recipes import RECIPES, recipe_of
from cvdemo.training.request import EPOCHS, TrainingRequest
from cvdemo.ui.lab import watching
from cvdemo.ui.lab.choice import Chosen
from cvdemo.ui.lab.owner import owner
from cvdemo.ui.notices import explained, notice

_PROBLEM = "lab_training_problem"
_IMAGES = (2_000, 5_000, 10_000, 20_000, 55_000)
_BATCHES = (32, 64, 128, 256)
_RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_SPEEDS = {
    "fashion-nano": "the app's own small network",
    "fashion-net": "the app's own best network, slow to train",
    "article-cnn": "one convolution, two dense layers",
    "mini-alexnet": "after AlexNet",
    "mini-vgg": "after VGG, slow to train",
    "mini-googlenet": "after GoogLeNet, slow to train",
    "mini-xception": "after Xception, slow to train",
}


def panel(chosen: Chosen) -> None:
    """The form while nothing is under way; the training while it is; its result afterwards, above the form."""
    chosen.chip()
    run = owner.run()
    if run is not None:
        watching.panel(run)
    if run is None or not run.snapshot().active:
        if find_fashion_mnist() is None:
            _fetch()
        else:
            _form()


def _form() -> None:
    st.subheader("Train a network", anchor=False)
    st.caption(
        "It learns from Fashion-MNIST's training images on this machine, in the background: other pages stay usable, "
        "and leaving this one does not stop it. The test images are never trained on."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        model = st.selectbox(
            "Network",
            list(RECIPES),
            index=list(RECIPES).index("article-cnn"),
            format_func=lambda name: f"{name}: {_SPEEDS.get(name, '')}".rstrip(": "),
            key="lab-train-model",
            persist_state="session",
            width=330,
        )
        images = st.select_slider(
            "Images",
            _IMAGES,
            value=10_000,
            format_func=lambda n: f"{n:,}",
            key="lab-train-images",
            persist_state="session",
            width=200,
            help="How many of the 55,000 training images to learn from",
        )
        epochs = st.slider(
            "Epochs",
            *EPOCHS,
            value=5,
            key="lab-train-epochs",
            persist_state="session",
            width=200,
            help="How often to go through these images",
        )
    recipe = recipe_of(model)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        rate = st.select_slider(
            "Learning rate",
            sorted({*_RATES, recipe.learning_rate}),
            value=recipe.learning_rate,
            format_func=lambda r: f"{r:g}",
            key=f"lab-train-rate-{model}",
            persist_state="session",
            width=330,
            help=f"How far each step goes; this network's own is {recipe.learning_rate:g} with {recipe.optimizer}",
        )
        batch = st.select_slider(
            "Batch size",
            _BATCHES,
            value=min(recipe.batch_size, _BATCHES[-1]),
            key=f"lab-train-batch-{model}",
            persist_state="session",
            width=200,
            help="Images a step learns from at once",
        )
        st.button(
            "Start training",
            key="lab-train-start",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_start,
            args=(model, epochs, rate, batch, images),
        )
    if problem := st.session_state.pop(_PROBLEM, None):
        notice(problem)


def _start(model: str, epochs: int, rate: float, batch: int, images: int) -> None:
    mine = owner.token()
    try:
        request = TrainingRequest(model=model, epochs=epochs, learning_rate=rate, batch_size=batch, images=images)
        desk().start(mine, request, owner.presence(mine))
    except CvdemoError as error:
        st.session_state[_PROBLEM] = str(error)


def _fetch() -> None:
    """Where the data set is not on this machine."""
    st.subheader("Train a network", anchor=False)
    st.markdown(
        "Training needs the 60,000 training images of Fashion-MNIST, which are not on this machine; the 1,000 images "
        "that come with the app are test images, and those are never trained on."
    )
    with explained():
        if st.button("Download Fashion-MNIST (30 MB)", key="lab-fetch", icon=":material/download:"):
            with st.spinner("Downloading Fashion-MNIST", show_time=True):
                folder = download_fashion_mnist()
            if find_fashion_mnist() is None:
                raise DatasetError(f"The download in '{folder}' is not complete; try again.")
            st.rerun()
    st.caption(
        "Without internet: install the Debian package dataset-fashion-mnist. "
        f"This machine takes {MOST_AT_ONCE} trainings at once."
    )
