"""Guided tours: a few things to look at on each page, one at a time, beside the thing itself."""

from cvdemo.ui.tour.guide import show

__all__ = ["show"]
