"""What a connection may hand over before it is settled."""

from threading import Thread

from lapel.link.holding import Holding


def let_in(holding: Holding, *lengths: int) -> Thread:
    thread = Thread(target=lambda: [holding.let_in(length) for length in lengths])
    thread.start()
    return thread


def test_the_number_in_hand_is_bounded_until_some_is_settled() -> None:
    holding = Holding(2)
    thread = let_in(holding, 1, 1, 1)
    thread.join(0.2)
    assert thread.is_alive()
    holding.settled(1, 1)
    thread.join(60)
    assert not thread.is_alive()


def test_so_are_their_bytes() -> None:
    holding = Holding(100, most_bytes=10)
    thread = let_in(holding, 8, 8, 1)
    thread.join(0.2)
    assert thread.is_alive()
    holding.settled(2, 16)
    thread.join(60)
    assert not thread.is_alive()


def test_a_connection_that_ends_holds_nobody_back() -> None:
    holding = Holding(1)
    thread = let_in(holding, 1, 1)
    holding.end()
    thread.join(60)
    assert not thread.is_alive()


def test_one_that_settles_nothing_by_hand_is_not_bounded() -> None:
    thread = let_in(Holding(None), *[1 << 30] * 100)
    thread.join(60)
    assert not thread.is_alive()
