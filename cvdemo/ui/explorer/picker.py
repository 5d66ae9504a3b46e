"""Choosing among the networks of all tasks."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cvdemo.registry import REGISTRY, TASKS, ModelSpec
from cvdemo.ui.model_picker import choose


def picker() -> tuple[ModelSpec, DeltaGenerator]:
    """Draw the picker. Returns the chosen network and the place for its chip."""
    specs = [spec for task in TASKS for spec in REGISTRY.of_task(task)]
    chosen = choose(specs, "explorer-model", 320, lambda spec: f"{spec.task.capitalize()}: {spec.title}")
    return chosen, st.container(width="content")
