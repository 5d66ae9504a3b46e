"""Segment: one class for every pixel."""

from cvdemo.ui.segment import page

page.show()
