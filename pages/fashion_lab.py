"""Fashion laboratory: garment networks to try, to look into and to train."""

from cvdemo.ui.lab import page

page.show()
