"""Overlays: drawn on a copy, in the right place and colour, for any picture and any boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvdemo.imaging import image_from_pixels
from cvdemo.labels import COCO, SKELETON
from cvdemo.types import Detections, Image, Poses, Segmentation
from cvdemo.viz import class_color, draw_boxes, draw_masks, draw_poses
from cvdemo.viz.labels import place_plates
from cvdemo.viz.overlays import line_width


def grey(height: int = 400, width: int = 600) -> Image:
    return image_from_pixels(np.full((height, width, 3), 128, np.uint8))


def boxes(*rows: tuple[float, ...], size_hw: tuple[int, int] = (400, 600)) -> Detections:
    """Rows of x0, y0, x1, y1, score, class."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4].copy(), table[:, 4].copy(), table[:, 5].astype(np.int64), size_hw)


def changed(before: Image, after: np.ndarray) -> np.ndarray:
    return (before.pixels != after).any(-1)


def test_a_box_is_drawn_on_its_border_and_nowhere_else() -> None:
    image = grey()
    drawn = draw_boxes(image, boxes((100, 50, 300, 250, 0.9, 2)), COCO, labels=False)
    touched = changed(image, drawn)
    rows, cols = np.nonzero(touched)
    assert (cols.min(), rows.min(), cols.max(), rows.max()) == pytest.approx((100, 50, 299, 249), abs=1)
    inner = 2 * line_width((400, 600)) + 3
    assert not touched[50 + inner : 250 - inner, 100 + inner : 300 - inner].any()
    assert tuple(drawn[150, 101]) == class_color(2)
    assert (image.pixels == 128).all()


def test_the_label_has_a_plate_of_the_class_colour() -> None:
    image = grey()
    plain = draw_boxes(image, boxes((100, 100, 300, 250, 0.9, 0)), COCO, labels=False)
    labelled = draw_boxes(image, boxes((100, 100, 300, 250, 0.9, 0)), COCO)
    plate = (plain != labelled).any(-1)
    rows, cols = np.nonzero(plate)
    assert rows.max() < 104  # above the box
    assert cols.min() == pytest.approx(100, abs=2)
    assert (labelled[plate] == class_color(0)).all(-1).mean() > 0.5
    assert labelled[plate].sum(-1).min() < 60  # black text


def test_no_boxes_leave_the_picture_as_it_is() -> None:
    image = grey()
    assert np.array_equal(draw_boxes(image, boxes(), COCO), image.pixels)
    assert np.array_equal(draw_poses(image, poses(0)), image.pixels)


def test_highlight_brings_one_out() -> None:
    image = grey()
    two = boxes((50, 50, 150, 150, 0.9, 2), (300, 50, 400, 150, 0.8, 2))
    drawn = draw_boxes(image, two, COCO, labels=False, highlight=1)
    assert tuple(drawn[100, 301]) == class_color(2)
    faded = drawn[100, 51].astype(int)
    assert tuple(faded) != class_color(2)
    assert np.abs(faded - 128).max() < np.abs(np.array(class_color(2)) - 128).max()
    assert np.array_equal(draw_boxes(image, two, COCO, highlight=7).shape, image.pixels.shape)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 200),
    st.integers(1, 200),
    st.lists(
        st.tuples(*[st.floats(-300, 500, width=32)] * 4, st.floats(0, 1, width=32), st.integers(0, 79)), max_size=8
    ),
)
def test_any_boxes_on_any_picture(height: int, width: int, rows: list[tuple[float, ...]]) -> None:
    image = grey(height, width)
    before = image.pixels.copy()
    drawn = draw_boxes(image, boxes(*rows, size_hw=(height, width)), COCO)
    assert drawn.shape == image.pixels.shape
    assert drawn.dtype == np.uint8
    assert np.array_equal(image.pixels, before)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 500), st.floats(0, 300), st.floats(1, 300), st.floats(1, 300), st.floats(10, 90)),
        max_size=12,
    )
)
def test_plates_stay_inside(rows: list[tuple[float, ...]]) -> None:
    places = [(x, y, x + w, y + h) for x, y, w, h, _ in rows]
    plates = place_plates(places, [(length, 18.0) for *_, length in rows], (320, 520))
    assert len(plates) == len(rows)
    for (x0, y0, x1, y1), (*_, length) in zip(plates, rows, strict=True):
        assert 0 <= x0 < x1 <= 520 + 1e-6
        assert 0 <= y0 < y1 <= 320 + 1e-6
        assert x1 - x0 == pytest.approx(length)


def test_plates_of_equal_boxes_do_not_cover_each_other() -> None:
    same = [(100.0, 100.0, 300.0, 300.0)] * 6
    plates = place_plates(same, [(80.0, 20.0)] * 6, (400, 600))
    for i, a in enumerate(plates):
        for b in plates[i + 1 :]:
            assert min(a[2], b[2]) <= max(a[0], b[0]) or min(a[3], b[3]) <= max(a[1], b[1])


def segmentation(class_map: np.ndarray) -> Segmentation:
    return Segmentation(class_map.astype(np.uint8), np.zeros((11, 2, 2), np.float32), class_map.shape)


def halves() -> np.ndarray:
    class_map = np.full((40, 60), 3)
    class_map[:, 30:] = 8
    return class_map


def test_masks_blend_at_their_opacity() -> None:
    image = grey(40, 60)
    drawn = draw_masks(image, segmentation(halves()), opacity=0.55, contour=False)
    expected = 0.45 * 128 + 0.55 * np.array(class_color(3))
    assert np.abs(drawn[10, 10] - expected).max() <= 1
    solid = draw_masks(image, segmentation(halves()), opacity=1.0)
    assert tuple(solid[10, 10]) == class_color(3)
    assert tuple(solid[10, 50]) == class_color(8)
    assert np.array_equal(draw_masks(image, segmentation(halves()), opacity=0.0, contour=False), image.pixels)


def test_contour_is_one_pixel_where_classes_meet() -> None:
    image = grey(40, 60)
    drawn = draw_masks(image, segmentation(halves()), opacity=0.0)
    touched = changed(image, drawn)
    assert touched[:, 29].all()
    assert touched.sum() == 40


def test_hidden_classes_show_the_picture() -> None:
    image = grey(40, 60)
    drawn = draw_masks(image, segmentation(halves()), class_ids={8})
    assert np.array_equal(drawn[:, :30], image.pixels[:, :30])
    assert changed(image, drawn)[:, 30:].all()
    assert np.array_equal(draw_masks(image, segmentation(halves()), class_ids=()), image.pixels)


def poses(count: int, score: float = 0.9) -> Poses:
    people = boxes(*[(100 + 200 * i, 50, 200 + 200 * i, 350, 0.9, 0) for i in range(count)])
    grid = np.stack([np.linspace(110, 190, 17), np.linspace(60, 340, 17)], -1)
    keypoints = np.stack([grid + np.array([200 * i, 0]) for i in range(count)]) if count else np.zeros((0, 17, 2))
    return Poses(people, keypoints.astype(np.float32), np.full((count, 17), score, np.float32), SKELETON)


def test_joints_below_the_threshold_are_left_out() -> None:
    image = grey()
    assert changed(image, draw_poses(image, poses(2))).any()
    assert np.array_equal(draw_poses(image, poses(2, score=0.2), keypoint_threshold=0.3), image.pixels)


def test_joints_are_drawn_where_they_are() -> None:
    image, people = grey(), poses(1)
    drawn = draw_poses(image, people)
    for x, y in people.keypoints[0]:
        assert tuple(drawn[round(float(y)), round(float(x))]) != (128, 128, 128)
    left_ankle = people.keypoints[0, 15]
    assert tuple(drawn[int(left_ankle[1]), int(left_ankle[0])]) == class_color(1)


def test_wild_joints_do_not_break_the_drawing() -> None:
    people = poses(1)
    wild = people.keypoints.copy()
    wild[0, 5] = (1e9, -1e9)
    odd = Poses(people.boxes, wild, people.keypoint_scores, people.skeleton)
    drawn = draw_poses(grey(), odd, boxes=True, labels=True, highlight=0)
    assert drawn.shape == (400, 600, 3)
