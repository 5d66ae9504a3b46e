"""Detect: boxes around the things a network knows."""

from cvdemo.tasks import DetectParams
from cvdemo.ui import template
from cvdemo.ui.view_data import SCORE_FLOOR, detections_data

template.show(
    template.TaskPage(
        task="detect",
        title="Detect",
        line="Finds things, says what they are and draws a box around each.",
        params=lambda spec: DetectParams(score_threshold=SCORE_FLOOR),
        data=lambda spec, found: detections_data(found, spec.class_names),
    )
)
