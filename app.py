"""The server: `streamlit run app.py` starts it. The pages are mapped in pages/main.py."""

import streamlit as st

from cvdemo.ui.notices import on_script_error

app = st.App("pages/main.py", on_script_error=on_script_error)
