"""Architectures: what the networks that made history are built of, and what they cost."""

from cvdemo.ui import architectures

architectures.show()
