"""What is under way is bounded, in number and in bytes."""

from lapel.link.under_way import MOST_BYTES, UnderWay


def test_small_records_are_bounded_by_the_window() -> None:
    under_way = UnderWay(3)
    for number in range(3):
        assert under_way.room() == 3 - number
        under_way.send(bytes([number]), 500)
    assert under_way.room() == 0
    assert list(under_way.leaves) == [b"\0", b"\1", b"\2"]


def test_long_records_are_bounded_by_their_bytes() -> None:
    under_way = UnderWay(1000)
    under_way.send(b"leaf", MOST_BYTES - 1)
    assert under_way.room() == 999
    under_way.send(b"leaf", 1)
    assert under_way.room() == 0


def test_what_arrived_makes_room_and_what_is_cleared_too() -> None:
    under_way = UnderWay(2)
    under_way.send(b"a", MOST_BYTES)
    under_way.send(b"b", MOST_BYTES)
    under_way.arrived(1)
    assert (list(under_way.leaves), under_way.room()) == ([b"b"], 0)
    under_way.arrived(7)
    assert (len(under_way), under_way.room()) == (0, 2)
    under_way.send(b"c", MOST_BYTES)
    under_way.clear()
    assert under_way.room() == 2
