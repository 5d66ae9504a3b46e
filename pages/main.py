"""The map of the app, run before every page."""

import streamlit as st

from cvdemo.ui import address, theme, tour, visits

HOME = st.Page("home.py", title="Home", default=True)
TASKS = [
    st.Page("classify.py", title="Classify"),
    st.Page("detect.py", title="Detect"),
    st.Page("segment.py", title="Segment"),
    st.Page("pose.py", title="Pose"),
]
LIVE = [st.Page("live.py", title="Webcam"), st.Page("video.py", title="Video file")]
INSIDE = [st.Page("inside.py", title="Feature maps")]
MODELS = [st.Page("models.py", title="Models"), st.Page("benchmark.py", title="Benchmark")]
LEARN = [
    st.Page("convolution.py", title="Convolution by hand"),
    st.Page("architectures.py", title="Architectures"),
    st.Page("fashion_lab.py", title="Fashion laboratory"),
]

theme.apply()
groups = {"": [HOME], "Tasks": TASKS, "Live": LIVE, "Inside": INSIDE, "Learn": LEARN, "Models": MODELS}
page = st.navigation(groups, position="top")
visits.enter(page.url_path)
address.begin()
tour.show(page.url_path)
page.run()
