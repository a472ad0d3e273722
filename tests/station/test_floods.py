"""How much one device may have the station do."""

from __future__ import annotations

from lapel_tools.station.floods import IDLE, NEW_BYTES, Floods, Ration


class Hand:
    """A clock that is set by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def rationed(hand: Hand) -> Floods:
    return Floods(Ration(10, 1), Ration(1000, 100), hand)


def let_in(floods: Floods, count: int, length: int = 1, is_new: bool = False, device: str = "cam-1") -> int:
    """Of so many messages, how many are read."""
    read = 0
    for _ in range(count):
        if floods.lets_in(device, length):
            floods.was(device, length, is_new)
            read += 1
    return read


def test_what_brings_nothing_new_is_read_up_to_a_ration_that_fills_up_with_time() -> None:
    hand = Hand()
    floods = rationed(hand)
    assert let_in(floods, 30) == 10
    hand.now_s = 3.0
    assert let_in(floods, 30) == 3


def test_what_is_new_is_bounded_by_its_bytes_alone() -> None:
    hand = Hand()
    floods = rationed(hand)
    assert let_in(floods, 300, length=10, is_new=True) == 100
    hand.now_s = 2.0
    assert let_in(floods, 300, length=10, is_new=True) == 20


def test_the_rations_of_one_device_are_no_other_ones() -> None:
    floods = rationed(Hand())
    let_in(floods, 30)
    assert let_in(floods, 30, device="cam-2") == 10


def test_a_flood_is_told_once_until_its_device_has_been_still() -> None:
    hand = Hand()
    floods = rationed(hand)
    assert floods.begun() == ()
    let_in(floods, 30)
    assert floods.begun() == ("cam-1",)
    hand.now_s = 5.0
    let_in(floods, 30)
    assert floods.begun() == ()
    hand.now_s = 100.0
    let_in(floods, 30)
    assert floods.begun() == ("cam-1",)


def test_a_device_that_sends_again_all_that_is_under_way_each_second_is_never_held_back() -> None:
    hand = Hand()
    floods = Floods(now_s=hand)
    for second in range(100):
        hand.now_s = float(second)
        assert let_in(floods, int(IDLE.per_s)) == IDLE.per_s
    assert let_in(Floods(now_s=hand), 100_000, length=600, is_new=True) == 100_000
    assert NEW_BYTES.at_once > 100_000 * 600
