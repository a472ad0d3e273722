import numpy as np

from lapel.core.geometry import Box
from lapel.core.things import Frame, Kind, Origin, Scene, Thing
from lapel.core.tracker import Tracker

PIXELS = np.zeros((100, 200, 3), np.uint8)


def seen(at_s: float, *things: Thing) -> tuple[Frame, Scene]:
    return Frame(PIXELS, round(at_s * 10), at_s), Scene(things, 0, PIXELS)


def bicycle(x0: int, kind: Kind = Kind.BICYCLE) -> Thing:
    return Thing(kind, Box(x0, 10, x0 + 40, 50), 0.8, Origin.DETECTOR)


def test_a_thing_that_moves_a_little_keeps_its_number() -> None:
    tracker = Tracker()
    (first,) = tracker.update(*seen(0.0, bicycle(10)))
    (second,) = tracker.update(*seen(0.1, bicycle(16)))
    assert second.number == first.number
    assert second.since_s == 0.0


def test_two_things_never_share_a_number() -> None:
    tracker = Tracker()
    tracker.update(*seen(0.0, bicycle(10)))
    tracks = tracker.update(*seen(0.1, bicycle(11), bicycle(13)))
    assert len({track.number for track in tracks}) == 2


def test_another_kind_in_the_same_place_is_another_thing() -> None:
    tracker = Tracker()
    (first,) = tracker.update(*seen(0.0, bicycle(10)))
    (second,) = tracker.update(*seen(0.1, bicycle(10, Kind.CHAIR)))
    assert second.number != first.number


def test_a_thing_unseen_for_longer_than_the_memory_is_forgotten() -> None:
    tracker = Tracker(memory_s=1.0)
    (first,) = tracker.update(*seen(0.0, bicycle(10)))
    (second,) = tracker.update(*seen(1.5, bicycle(10)))
    assert second.number != first.number


def test_a_stream_that_begins_again_begins_with_no_memory() -> None:
    tracker = Tracker()
    (first,) = tracker.update(*seen(5.0, bicycle(10)))
    (second,) = tracker.update(*seen(0.0, bicycle(10)))
    assert second.number != first.number


def proposal(x0: int) -> Thing:
    return Thing(Kind.OTHER, Box(x0, 10, x0 + 40, 50), 0.1, Origin.PROPOSAL)


def test_a_proposal_keeps_its_number_as_a_box_does() -> None:
    tracker = Tracker()
    (first,) = tracker.update(*seen(0.0, proposal(10)))
    (second,) = tracker.update(*seen(0.1, proposal(16)))
    assert second.number == first.number > 0


def test_two_proposals_of_a_frame_are_two_things() -> None:
    tracks = Tracker().update(*seen(0.0, proposal(10), proposal(120)))
    assert len({track.number for track in tracks}) == 2


def test_a_proposal_does_not_go_on_where_a_box_was() -> None:
    tracker = Tracker()
    (first,) = tracker.update(*seen(0.0, bicycle(10, Kind.OTHER)))
    (second,) = tracker.update(*seen(0.1, proposal(10)))
    assert second.number != first.number


def test_looks_at_the_scene_belong_to_no_track() -> None:
    scene = tuple(Thing(Kind.OTHER, Box(0, 0, 200, 100), 0.0, origin) for origin in (Origin.WHOLE, Origin.CENTRE))
    assert all(track.number < 0 for track in Tracker().update(*seen(0.0, *scene)))
