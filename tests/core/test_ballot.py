"""When looks agree enough to be believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapel.core.ballot import Ballot


def test_one_look_elects_nothing_and_a_second_that_agrees_does() -> None:
    ballot = Ballot(needed=2)
    assert ballot.cast(["CSQU3054383"], 0.0) == ()
    assert ballot.cast(["CSQU3054383"], 1.0) == ("CSQU3054383",)


def test_a_value_read_twice_in_one_look_counts_once() -> None:
    assert Ballot(needed=2).cast(["CSQU3054383", "CSQU3054383"], 0.0) == ()


def test_a_near_rival_silences_until_it_is_far_behind() -> None:
    ballot = Ballot(needed=2, lead=3.0)
    ballot.cast(["CSQU3064389"], 0.0)
    assert [ballot.cast(["CSQU3054383"], t) for t in (1.0, 2.0, 3.0)] == [(), (), ("CSQU3054383",)]


def test_a_late_rival_takes_an_election_back() -> None:
    ballot = Ballot(needed=2)
    ballot.cast(["33/1203"], 0.0)
    assert ballot.cast(["33/1203"], 1.0) == ("33/1203",)
    ballot.cast(["33/1208"], 2.0)
    assert not ballot.elects("33/1203")


def test_two_panels_of_one_tanker_are_no_rivals() -> None:
    ballot = Ballot(needed=2)
    ballot.cast(["33/1203", "30/1202"], 0.0)
    assert ballot.cast(["33/1203", "30/1202"], 1.0) == ("33/1203", "30/1202")


def test_a_hazard_number_that_lost_its_letter_is_a_rival() -> None:
    ballot = Ballot(needed=1)
    ballot.cast(["338/1295"], 0.0)
    assert ballot.cast(["X338/1295"], 1.0) == ()


def test_another_container_is_no_rival() -> None:
    ballot = Ballot(needed=2)
    ballot.cast(["TEMU3108252"], 0.0)
    ballot.cast(["CSQU3054383"], 1.0)
    assert ballot.cast(["CSQU3054383"], 2.0) == ("CSQU3054383",)


def test_looks_are_forgotten_after_a_while_and_when_time_runs_backwards() -> None:
    ballot = Ballot(needed=2, memory_s=5.0)
    ballot.cast(["CSQU3054383"], 10.0)
    assert ballot.cast(["CSQU3054383"], 16.0) == ()
    assert ballot.cast(["CSQU3054383"], 1.0) == ()


def test_a_vote_without_looks_or_lead_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one look"):
        Ballot(needed=0)
    with pytest.raises(ValueError, match="lead above 1"):
        Ballot(lead=1.0)


@given(st.lists(st.sampled_from(["33/1203", "33/1208", "30/1202"]), max_size=12))
def test_of_near_rivals_at_most_one_is_elected(reads: list[str]) -> None:
    ballot = Ballot(needed=2)
    for at_s, value in enumerate(reads):
        ballot.cast([value], at_s / 10)
    assert sum(ballot.elects(value) for value in set(reads)) <= 1
