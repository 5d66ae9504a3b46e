"""Classify: the main thing in a photo, or the kind of a garment."""

import streamlit as st

from cvdemo.ui import classify, garments, template

subject = classify.subject()
spec, chip_place = template.header("Classify", subject.line, "classify", subject.models)
with st.container(horizontal=True, gap="medium"):
    classify.subject_control()
    source = garments.source_control() if subject.garments else ""
if subject.garments:
    garments.page(spec, chip_place, source)
else:
    classify.photo(spec, chip_place)
