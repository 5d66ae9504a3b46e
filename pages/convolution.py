"""Convolution by hand: a kernel over the visitor's picture, number by number."""

from cvdemo.ui import convolution

convolution.show()
