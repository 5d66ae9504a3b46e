"""Feature maps: every layer of every network on the visitor's picture."""

from cvdemo.ui.explorer import page

page.show()
