"""Benchmark: how fast the networks are on this machine, and how accurate for it."""

from cvdemo.ui import benchmark

benchmark.show()
