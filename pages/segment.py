"""Segment: one class for every pixel."""

from cvdemo.tasks import SegmentParams
from cvdemo.ui import template
from cvdemo.ui.view_data import segmentation_data

template.show(
    template.TaskPage(
        task="segment",
        title="Segment",
        line="Gives every pixel of the picture the class it most likely belongs to.",
        params=lambda spec: SegmentParams(),
        data=lambda spec, result: segmentation_data(result, spec.class_names),
    )
)
