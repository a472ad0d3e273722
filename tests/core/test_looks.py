"""Several looks at one thing, and the one decision made of them."""

from dataclasses import replace

import pytest

from lapel.core.geometry import Box
from lapel.core.looks import NEEDED, Looks, Verdict, combined
from lapel.core.things import Origin
from lapel.fakes.hit import made_up_hit

ONE, TWO, THREE = NEEDED
BESIDE = Box(400, 300, 480, 380)
TRACK = 7


def weighed(
    looks: Looks,
    evidence: float,
    at_s: float = 0.0,
    *,
    track: int = TRACK,
    origin: Origin = Origin.DETECTOR,
    box: Box | None = None,
    threshold: float = 1.0,
    frame: int | None = None,
) -> Verdict:
    hit = made_up_hit(at_s=at_s, track=track, evidence=evidence)
    sighting = replace(hit.sighting, origin=origin, frame=round(at_s * 25) if frame is None else frame)
    return looks.weigh(sighting, replace(hit.match, box=box or hit.match.box), threshold)


def test_one_strong_look_decides_alone() -> None:
    assert weighed(Looks(), ONE).is_hit


def test_a_weak_look_alone_decides_nothing() -> None:
    assert not weighed(Looks(), ONE - 0.01).is_hit


@pytest.mark.parametrize(("needed", "count"), [(TWO, 2), (THREE, 3)])
def test_weak_looks_decide_once_enough_of_them_agree(needed: float, count: int) -> None:
    looks = Looks()
    verdicts = [weighed(looks, needed, at_s=second) for second in range(count)]
    assert [verdict.is_hit for verdict in verdicts] == [False] * (count - 1) + [True]
    assert verdicts[-1].looks == count


def test_looks_below_the_least_that_counts_never_add_up() -> None:
    looks = Looks()
    assert not any(weighed(looks, THREE - 0.01, at_s=second).is_hit for second in range(8))


def test_two_cuts_of_one_frame_are_one_look() -> None:
    looks = Looks()
    assert not any(weighed(looks, TWO, frame=3).is_hit for _ in range(4))


def test_looks_of_two_tracks_do_not_add_up() -> None:
    looks = Looks()
    assert not any(weighed(looks, TWO, at_s=track, track=track).is_hit for track in (1, 2))


def test_looks_at_the_scene_add_up_only_at_one_place() -> None:
    looks = Looks()
    weighed(looks, TWO, at_s=0.0, track=-1, origin=Origin.WHOLE)
    assert not weighed(looks, TWO, at_s=0.5, track=-1, origin=Origin.WHOLE, box=BESIDE).is_hit
    assert weighed(looks, TWO, at_s=1.0, track=-2, origin=Origin.CENTRE).is_hit


def test_a_track_that_was_unseen_for_longer_than_it_is_remembered_begins_anew() -> None:
    looks = Looks(track_memory_s=10)
    weighed(looks, TWO, at_s=0)
    assert not weighed(looks, TWO, at_s=10.5).is_hit


def test_a_source_that_begins_again_begins_with_no_looks() -> None:
    looks = Looks()
    weighed(looks, TWO, at_s=100)
    assert not weighed(looks, TWO, at_s=0).is_hit


def test_a_track_and_an_entry_are_one_decision_however_many_looks_agree() -> None:
    looks = Looks()
    firsts = [weighed(looks, ONE, at_s=second).is_first for second in range(20)]
    assert firsts == [True] + [False] * 19
    assert looks.decisions == 1


def test_a_threshold_multiplies_what_every_look_needs() -> None:
    assert not weighed(Looks(), ONE, threshold=1.5).is_hit
    assert weighed(Looks(), 1.5 * ONE, threshold=1.5).is_hit


def test_another_look_never_lowers_what_the_looks_are_worth() -> None:
    assert combined((0.9, 0.9)) >= combined((0.9,))
    assert combined((0.9, 0.9, 0.1)) >= combined((0.9, 0.9))
