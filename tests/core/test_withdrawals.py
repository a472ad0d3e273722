"""A withdrawal takes away until several have said that it comes back."""

from hypothesis import given
from hypothesis import strategies as st

from lapel.core.withdrawals import Suspended, Withdrawal, newest_serial, suspended, united, without_settled


def withdrawal(serial: int, entry_id: str = "", list_id: str = "ours") -> Withdrawal:
    return Withdrawal(serial, list_id, entry_id, "given back", "bob", "2026-03-01T12:00:00+00:00")


def test_what_is_withdrawn_of_a_list_is_suspended() -> None:
    all_ = (withdrawal(1, "a"), withdrawal(2, "b"), withdrawal(3, "c", "another"))
    assert suspended(all_, "ours", 0) == Suspended(False, frozenset({"a", "b"}))


def test_a_list_may_be_withdrawn_as_a_whole() -> None:
    assert suspended((withdrawal(1), withdrawal(2, "b")), "ours", 0) == Suspended(True, frozenset({"b"}))


def test_what_the_signers_of_a_newer_list_knew_is_settled_and_what_came_after_is_not() -> None:
    assert suspended((withdrawal(1, "a"), withdrawal(2, "b")), "ours", 1) == Suspended(False, frozenset({"b"}))


def test_a_withdrawal_that_was_seen_stays_when_it_is_left_out_later() -> None:
    assert united((withdrawal(1, "a"),), (withdrawal(2, "b"),)) == (withdrawal(1, "a"), withdrawal(2, "b"))


def test_a_withdrawal_that_was_seen_is_not_replaced_by_another_of_its_serial() -> None:
    assert united((withdrawal(1, "a"),), (withdrawal(1, "z"),)) == (withdrawal(1, "a"), withdrawal(1, "z"))


ENTRIES = st.lists(st.sampled_from(("", "a", "b", "c")), max_size=6)
SERIAL = st.integers(0, 6)


@given(entries=ENTRIES, settled=SERIAL, known=SERIAL, heard=SERIAL)
def test_what_is_dropped_as_settled_comes_back_on_no_device(
    entries: list[str], settled: int, known: int, heard: int
) -> None:
    said = tuple(withdrawal(number, entry) for number, entry in enumerate(entries, 1))
    left = without_settled(said, {"ours": settled})
    # A device that heard some of it before, with a version whose signers knew some of it.
    now, then = suspended(united(said[:heard], left), "ours", known), suspended(said, "ours", known)
    assert now.whole_list or (then.entry_ids <= now.entry_ids and not then.whole_list)
    assert newest_serial(left) == newest_serial(said)
    if known >= settled:
        assert now == then
