"""MoveNet MultiPose: names of the graph -> names of cvdemo.models.nets.multipose.MultiPose."""

from __future__ import annotations

from tools.mappings.movenet import Arrays, extractor, head
from tools.tfjs import Graph

#: Branch of the head -> its name in the graph and the numbers of its two layers.
BRANCHES = {
    "center_heatmap": ("center_0", 3, 4),
    "box_size": ("box_scale_0", 4, 5),
    "box_offset": ("box_offset_0", 5, 6),
    "keypoint_heatmap": ("kpt_heatmap_0", 6, 7),
    "keypoint_regression": ("kpt_regress_0", 7, 8),
    "keypoint_offset": ("kpt_offset_0", 8, 9),
}


def state_dict(graph: Graph) -> Arrays:
    """All parameters of a MultiPose, OIHW (depthwise C1HW), in the graph's own precision."""
    return {**extractor(graph), **head(graph, BRANCHES)}
