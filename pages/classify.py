"""Classify: the main thing in a photo, or the kind of a garment."""

import streamlit as st

from cvdemo.registry import REGISTRY
from cvdemo.ui import classify, template

photos = [spec.name for spec in REGISTRY.of_task("classify") if spec.labels != "fashion"]
spec, chip_place = template.header(
    "Classify", "Names the main thing in the picture, out of the classes a network knows.", "classify", photos
)
classify.photo(spec, chip_place)
