"""Long work in threads of its own: one run at a time for each visitor, a few at once for the machine."""

from cvdemo.background.desk import Desk
from cvdemo.background.run import GONE_AFTER, BackgroundRun, State

__all__ = ["GONE_AFTER", "BackgroundRun", "Desk", "State"]
