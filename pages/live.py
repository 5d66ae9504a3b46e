"""Live webcam: what a network sees, frame by frame."""

from cvdemo.ui.live import page

page.show()
