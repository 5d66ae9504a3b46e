"""What the tours say, page by page. Pages that do not exist yet may have one: it is shown as soon as they do."""

from __future__ import annotations

from cvdemo.ui.tour.learning_pages import LEARNING_PAGES
from cvdemo.ui.tour.other_pages import OTHER_PAGES
from cvdemo.ui.tour.steps import Tours
from cvdemo.ui.tour.task_pages import TASK_PAGES

TOURS: Tours = {**TASK_PAGES, **LEARNING_PAGES, **OTHER_PAGES}
