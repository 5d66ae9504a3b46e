"""Home: one picture through all four tasks, and what this machine has."""

import streamlit as st

from cvdemo.ui import doors, machine, showcase, sources

st.title("See what a convolutional network sees", anchor=False)
st.caption("Choose a picture: four networks answer at once, on this machine, and every page shows what happens inside.")
showcase.strip(sources.picture())
doors.show()
machine.facts()
