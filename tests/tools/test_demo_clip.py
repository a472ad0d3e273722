"""What the demo knows of its clip, and what it lists."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from lapel.core.geometry import Box, whole
from lapel.errors import Tampered
from lapel_tools.demo.clip import FRAMES, SHOTS, bicycle_box, shot_of
from lapel_tools.demo.fetch import street_clip
from lapel_tools.demo.listing import BICYCLE, CLIP_THINGS, ClipThing, drawn_things, known_ids, shots_of
from lapel_tools.enrol.terms import check_terms

TODAY = date(2026, 5, 4)


def test_every_frame_belongs_to_one_shot() -> None:
    assert [shot_of(frame).number for frame in (0, 29, 30, 75, 76, 136, 137, 186, 187, 241, 242, 249)] == [
        *(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6)
    ]
    assert sum(shot.last - shot.first + 1 for shot in SHOTS) == FRAMES


def test_a_frame_beyond_the_clip_belongs_to_no_shot() -> None:
    with pytest.raises(ValueError, match="frame 250"):
        shot_of(250)


def test_the_bicycle_is_in_its_shot_and_nowhere_else() -> None:
    assert [frame for frame in range(FRAMES) if bicycle_box(frame)] == list(range(187, 242))


def test_the_bicycles_box_follows_the_camera_without_a_jump() -> None:
    boxes = [box for frame in range(187, 242) if (box := bicycle_box(frame))]
    assert all(before.iou(after) > 0.95 for before, after in pairwise(boxes))
    assert bicycle_box(223) == Box(264, 5, 536, 215)


def test_at_least_twenty_things_are_listed_without_any_one_of_them() -> None:
    assert len(set(known_ids())) == len(known_ids()) >= 21


@pytest.mark.parametrize("thing", CLIP_THINGS, ids=lambda thing: thing.id)
def test_a_thing_of_the_clip_is_enrolled_from_a_shot_in_which_it_is(thing: ClipThing) -> None:
    assert shot_of(thing.frame).number in thing.shots
    assert thing.box == thing.box.intersection(whole(640, 272))
    assert all(thing.box.x0 <= x < thing.box.x1 and thing.box.y0 <= y < thing.box.y1 for x, y in thing.outline)


def test_only_the_bicycle_is_listed_from_its_own_shot() -> None:
    assert [thing.id for thing in CLIP_THINGS if 5 in thing.shots] == [BICYCLE]


def test_drawn_things_are_in_no_shot_and_on_terms_that_enrolment_accepts() -> None:
    for drawn in drawn_things(TODAY):
        check_terms(drawn.entry, TODAY)
        assert shots_of(drawn.entry.id) == ()


def test_another_clip_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bikes.mp4").write_bytes(b"not the clip")
    with pytest.raises(Tampered, match=r"bikes\.mp4: sha256 is .* remove it"):
        street_clip(tmp_path / "bikes.mp4")
