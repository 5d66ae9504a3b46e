"""The report of the chosen network: the recorded one, or one made now on the images that come with the app."""

from __future__ import annotations

import streamlit as st

from cvdemo.fashion.networks import GarmentClassifier
from cvdemo.fashion.report import Report, quick_report, recorded_report
from cvdemo.ui.lab.choice import Chosen


def report(chosen: Chosen) -> Report:
    """What the network says about test images."""
    recorded = recorded_report(chosen.spec) if chosen.spec else None
    if recorded is not None:
        return recorded
    with st.spinner("Running the network on 1,000 test images"):
        return _quick(chosen.network.key, chosen.network)


@st.cache_data(max_entries=6, ttl=3600, show_spinner=False)
def _quick(key: str, _network: GarmentClassifier) -> Report:
    return quick_report(_network)
