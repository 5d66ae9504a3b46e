"""The server: `streamlit run app.py` starts it. The pages are mapped in pages/main.py."""

import streamlit as st

app = st.App("pages/main.py")
