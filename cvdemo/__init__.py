"""cvdemo: see what a convolutional network sees, in a browser, from a script, over a socket."""

__version__ = "0.1.0"
