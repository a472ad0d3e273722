"""Pauses between attempts."""

from itertools import islice

from lapel.link.keep import FIRST_PAUSE_S, LONGEST_PAUSE_S, pauses


def test_pauses_double_up_to_the_longest() -> None:
    doubling = [1.0, 2.0, 4.0, 8.0, 16.0]
    assert list(islice(pauses(lambda: 1.0), 7)) == [*doubling, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_chance_shortens_a_pause_to_no_less_than_half() -> None:
    assert next(pauses(lambda: 0.0)) == FIRST_PAUSE_S / 2
