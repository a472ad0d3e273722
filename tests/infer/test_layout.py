"""Which lines belong together."""

from lapel.core.geometry import Box
from lapel.infer.layout import reading_orders

OWNER, SERIAL, DIGIT = Box(100, 50, 180, 80), Box(200, 50, 320, 80), Box(345, 48, 370, 82)


def test_neighbours_of_a_row_are_read_from_left_to_right() -> None:
    assert reading_orders([DIGIT, OWNER, SERIAL]) == ((1, 2, 0),)


def test_a_line_far_to_the_right_is_another_row() -> None:
    assert set(reading_orders([OWNER, Box(900, 50, 980, 80)])) == {(0,), (1,)}


def test_rows_below_each_other_are_read_together_and_apart() -> None:
    below = Box(100, 90, 220, 120)
    assert set(reading_orders([OWNER, below])) == {(0,), (1,), (0, 1)}


def test_three_rows_make_a_chain_of_three() -> None:
    rows = [OWNER, Box(100, 90, 180, 120), Box(104, 130, 184, 160), Box(100, 170, 180, 200)]
    assert (0, 1, 2) in reading_orders(rows)
    assert not any(len(chain) > 3 for chain in reading_orders(rows))


def test_a_row_far_below_stands_alone() -> None:
    assert set(reading_orders([OWNER, Box(100, 300, 220, 330)])) == {(0,), (1,)}


def test_no_lines_have_no_order() -> None:
    assert reading_orders([]) == ()
