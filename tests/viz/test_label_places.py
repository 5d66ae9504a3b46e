"""Labels of a scatter plot keep clear of marks, of each other and of what is taken."""

from __future__ import annotations

from itertools import combinations

from cvdemo.viz.label_places import Mark, _label, _shared, _square, sides


def test_a_label_alone_stands_above() -> None:
    assert sides([Mark(100, 100, 12, "alone")]) == ["top center"]


def test_neighbours_move_out_of_each_others_way() -> None:
    marks = [Mark(100, 100, 12, "mini-googlenet"), Mark(128, 102, 14, "mini-xception"), Mark(110, 130, 10, "third")]
    chosen = sides(marks)
    labels = [_label(mark, side) for mark, side in zip(marks, chosen, strict=True)]
    assert not any(_shared(a, b) for a, b in combinations(labels, 2))
    assert not any(_shared(label, _square(mark)) for label in labels for mark in marks)


def test_a_line_above_sends_the_label_below() -> None:
    assert sides([Mark(100, 100, 12, "VGG16")], [(0, 80, 400, 92)]) == ["bottom center"]
