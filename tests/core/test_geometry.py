from hypothesis import given
from hypothesis import strategies as st

from lapel.core.geometry import Box, covered_share, mask_of, whole

sides = st.integers(-50, 50)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), sides, sides, st.integers(0, 60), st.integers(0, 60))


def test_a_box_is_half_open() -> None:
    assert Box(2, 3, 5, 7).width == 3
    assert Box(2, 3, 5, 7).area == 12


@given(boxes, boxes)
def test_overlap_is_symmetric_and_within_bounds(a: Box, b: Box) -> None:
    assert a.iou(b) == b.iou(a)
    assert 0 <= a.iou(b) <= 1


def test_half_covered_boxes_of_one_size_overlap_by_a_third() -> None:
    assert Box(0, 0, 10, 10).iou(Box(5, 0, 15, 10)) == 50 / 150


@given(boxes, st.floats(1, 4))
def test_a_grown_box_holds_the_old_one(box: Box, factor: float) -> None:
    grown = box.grown(factor)
    assert grown.x0 <= box.x0 <= box.x1 <= grown.x1
    assert grown.y0 <= box.y0 <= box.y1 <= grown.y1


@given(boxes)
def test_a_clipped_box_lies_in_the_picture_or_is_empty(box: Box) -> None:
    clipped = box.clipped(20, 10)
    assert clipped.area == 0 or clipped.intersection(whole(20, 10)) == clipped


def test_a_box_touches_what_covers_more_of_it_than_rounding_does() -> None:
    box = Box(0, 0, 100, 100)
    assert box.touches((Box(500, 500, 600, 600), Box(0, 0, 3, 100)))
    assert not box.touches((Box(0, 0, 2, 100), Box(98, 0, 100, 100)))
    assert not box.touches(())


def test_an_area_that_lies_beyond_a_picture_covers_nothing_of_it() -> None:
    assert not mask_of((Box(-9, 2, -5, 6), Box(2, -9, 6, -5), Box(30, 2, 34, 6)), 20, 10).any()
    assert mask_of((Box(-9, -9, 3, 2),), 20, 10).sum() == 6


def test_of_a_box_the_share_that_several_areas_cover_is_that_of_their_union() -> None:
    box = Box(10, 10, 20, 20)
    assert covered_share(box, (Box(0, 0, 14, 20), Box(12, 0, 16, 20))) == 0.6
    assert covered_share(box, (Box(0, 0, 9, 9), Box(40, 0, 50, 50))) == 0
    assert covered_share(Box(3, 3, 3, 9), (box,)) == 0
