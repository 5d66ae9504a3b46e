"""Page settings and the little CSS that Streamlit's theme options do not cover."""

from __future__ import annotations

from importlib.resources import files

import streamlit as st


def apply() -> None:
    """Set up the page; call once a run, before anything is drawn."""
    st.set_page_config(page_title="cvdemo", layout="wide", initial_sidebar_state="collapsed")
    st.html(f"<style>{(files(__package__) / 'app.css').read_text(encoding='utf-8')}</style>")
