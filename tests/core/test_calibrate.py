from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapel.core import calibrate
from lapel.core.calibrate import STILL, WATCHING, Likeness, evidence, mark_of

likenesses = st.lists(
    st.builds(Likeness, st.floats(-1, 1), st.integers(0, 300), st.floats(0, 1)), min_size=1, max_size=6
).map(tuple)


@given(likenesses)
def test_at_most_one_entry_is_a_hit(found: tuple[Likeness, ...]) -> None:
    for rule in (WATCHING, STILL):
        # Geometry and descriptor may each name one entry: two hits need two different kinds of proof.
        assert sum(score >= 1 for score in evidence(found, rule)) <= (1 if rule.similarity_margin is None else 2)


def test_many_details_that_line_up_are_enough() -> None:
    assert evidence((Likeness(0.5, 120, 0.4), Likeness(0.5, 5, 0.02)), WATCHING)[0] >= 1


def test_two_entries_that_fit_equally_are_no_hit() -> None:
    assert max(evidence((Likeness(0.9, 120, 0.4), Likeness(0.9, 119, 0.4)), STILL)) < 1


def test_many_details_of_a_background_are_not_enough() -> None:
    assert evidence((Likeness(0.5, 47, 0.03), Likeness(0.5, 0, 0.0)), WATCHING)[0] < 1


def test_what_agrees_in_details_and_shows_something_else_is_not_enough() -> None:
    alike, unlike = Likeness(0.5, 40, 0.4, resemblance=0.9), Likeness(0.5, 40, 0.4, resemblance=0.3)
    assert evidence((alike,), STILL)[0] >= 1 > evidence((unlike,), STILL)[0]


def test_an_entry_must_be_clearly_ahead_of_its_look_alike() -> None:
    assert evidence((Likeness(0.5, 120, 0.4), Likeness(0.5, 100, 0.4)), WATCHING)[0] < 1
    assert evidence((Likeness(0.5, 120, 0.4), Likeness(0.5, 80, 0.4)), WATCHING)[0] >= 1


def test_a_close_likeness_that_no_other_entry_has_is_enough_for_a_still() -> None:
    assert evidence((Likeness(0.8, 0, 0.0), Likeness(0.6, 0, 0.0)), STILL)[0] >= 1


def test_a_likeness_that_is_only_the_best_of_poor_ones_is_not_enough() -> None:
    assert evidence((Likeness(0.7, 0, 0.0), Likeness(0.4, 0, 0.0)), STILL)[0] < 1


def test_a_watch_never_decides_by_the_descriptor_alone() -> None:
    assert evidence((Likeness(1.0, 0, 0.0), Likeness(0.1, 0, 0.0)), WATCHING)[0] < 1


def test_a_print_that_lies_on_the_look_is_evidence_where_no_detail_is() -> None:
    bare, printed = Likeness(0.5, 0, 0.0), Likeness(0.5, 0, 0.0, printed=90.0)
    for rule in (WATCHING, STILL):
        assert evidence((printed, bare), rule)[0] >= 1


def test_a_print_that_two_entries_share_decides_for_neither() -> None:
    one, other = Likeness(0.5, 0, 0.0, printed=90.0), Likeness(0.5, 0, 0.0, printed=80.0)
    for rule in (WATCHING, STILL):
        assert max(evidence((one, other), rule)) < 1


def test_details_and_a_print_make_evidence_together_that_neither_is_alone() -> None:
    bare = Likeness(0.5, 0, 0.0)
    for rule in (WATCHING, STILL):
        assert evidence((Likeness(0.5, 20, 0.4), bare), rule)[0] < 1
        assert evidence((Likeness(0.5, 0, 0.0, printed=30.0), bare), rule)[0] < 1
        assert evidence((Likeness(0.5, 20, 0.4, printed=30.0), bare), rule)[0] >= 1


def test_a_rule_has_another_mark_when_a_figure_or_the_evidence_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = mark_of(WATCHING)
    assert len({before, mark_of(replace(WATCHING, inlier_margin=25.0)), mark_of(replace(WATCHING, closer=0))}) == 3
    monkeypatch.setattr(calibrate, "EVIDENCE", calibrate.EVIDENCE + 1)
    assert mark_of(WATCHING) != before


def test_the_mark_of_a_rule_is_the_same_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "EVIDENCE", 1)
    assert mark_of(calibrate.Rule(35.0, 0.1, None, 0.0, 0.5, 2, False)) == "f014654ffde0cdb7"
