"""Pose: people and their joints."""

from cvdemo.tasks import PoseParams
from cvdemo.ui import template
from cvdemo.ui.view_data import SCORE_FLOOR, poses_data

template.show(
    template.TaskPage(
        task="pose",
        title="Pose",
        line="Finds people and 17 joints of each, and joins them to a skeleton.",
        params=lambda spec: PoseParams(score_threshold=SCORE_FLOOR),
        data=lambda spec, poses: poses_data(poses),
    )
)
