"""Models: what is on this machine, what can be fetched, and what each is good for."""

from cvdemo.ui import models

models.show()
