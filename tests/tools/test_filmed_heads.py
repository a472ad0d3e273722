"""Heads that a camera pans over are counted frame by frame, where they are in the frame."""

from footage import noise
from lapel.config.profile import Redaction
from lapel.core.geometry import Box
from lapel.fakes.finder import FixedFinder, ScriptedFinder
from lapel.ports import Finder
from lapel_tools.evaluate.filmed_heads import Filmed, Scene, Seen, filmed, lines

FRAME = Box(0, 0, 960, 540)
AT_ONCE = Redaction(hold_frames=0, delay_frames=0, late_ms=100)
HEADS = (Box(600, 300, 660, 380), Box(100, 300, 112, 318))


def film(finder: Finder) -> Filmed:
    return filmed(Scene("scene.png", noise(1280, 720), HEADS, number=1), 3, [finder], AT_ONCE)


def test_a_head_is_destroyed_in_those_frames_in_which_it_was_found() -> None:
    seen = [each.is_destroyed for each in film(ScriptedFinder([(FRAME,), (), (FRAME,)])).seen if each.head[1] == 0]
    assert seen == [True, False, True]


def test_where_a_head_is_found_follows_the_camera() -> None:
    heights = [each.height_px for each in film(FixedFinder([Box(0, 0, 5, 5)])).seen if each.head[1] == 0]
    assert len(set(heights)) > 1  # it comes nearer


def test_what_is_destroyed_beside_heads_is_told_as_a_share_of_the_rest() -> None:
    assert film(FixedFinder([FRAME])).rest == (1.0, 1.0, 1.0)
    assert film(FixedFinder([])).rest == (0.0, 0.0, 0.0)


def test_heads_are_counted_by_their_height_in_the_frame() -> None:
    first, second = ("a.png", 0), ("a.png", 1)
    seen = (
        Seen(first, 24, True),
        Seen(first, 40, False),
        Seen(first, 23, True),
        Seen(second, 30, True),
        Seen(second, 15, False),
    )
    assert list(lines([Filmed(seen, (0.25, 0.75))])) == [
        "heads of 24 px and more, in single frames: 2 of 3 destroyed",
        "heads of 16 to 24 px, in single frames: 1 of 1 destroyed",
        "heads of 24 px and more: 1 of 2 in all frames",
        "of what is no head 50.0% is destroyed",
    ]
