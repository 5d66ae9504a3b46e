"""Whose video it is."""

from __future__ import annotations

from cvdemo.ui.ownership import Ownership
from cvdemo.video.run import VideoRun, desk

owner: Ownership[VideoRun] = Ownership("video", desk)
