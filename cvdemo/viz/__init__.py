"""Results made visible: overlays on copies of the picture, tiles of feature maps, charts, one palette."""

from cvdemo.viz.overlays import draw_boxes, draw_classes, draw_masks, draw_poses
from cvdemo.viz.palette import class_color, class_hex, text_color

__all__ = ["class_color", "class_hex", "draw_boxes", "draw_classes", "draw_masks", "draw_poses", "text_color"]
