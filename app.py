"""The server: `streamlit run app.py` starts it. The pages are mapped in pages/main.py."""

import streamlit as st

from cvdemo.live.endpoint import live_route
from cvdemo.ui.notices import on_script_error

app = st.App("pages/main.py", routes=[live_route()], on_script_error=on_script_error)
