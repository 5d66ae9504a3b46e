"""Video: a clip through a network, in the background."""

from cvdemo.ui.video import page

page.show()
