"""False alerts in footage, and the most that it lets them be."""

from datetime import date

from lapel.core.listing import flaws
from lapel.fakes.gallery import made_up_gallery, made_up_reference
from lapel_tools.evaluate.crowd import crowded
from lapel_tools.evaluate.results import VideoResult
from lapel_tools.evaluate.silence import of_silence


def clip(file: str, *alerted: str, seconds: float = 900.0) -> VideoResult:
    return VideoResult(file, 100, (), 0, alerted, len(alerted), seconds)


def test_an_hour_without_a_false_alert_leaves_three_an_hour_possible() -> None:
    said = of_silence([clip(f"{n}.mp4") for n in range(4)], frozenset({"thing.mp4"}))
    assert said == ("4 clips without a listed thing, 3600 s: 0 false alerts, at most 3 an hour (95%, one-sided)",)


def test_any_alert_in_a_clip_without_a_listed_thing_is_false() -> None:
    (said,) = of_silence([clip("a.mp4", "mug", "distractor-7", seconds=3600)], frozenset({"thing.mp4"}))
    assert "2 false alerts, at most 6 an hour" in said


def test_a_listed_thing_that_alerts_where_it_is_is_told_apart_from_distractors() -> None:
    said = of_silence([clip("a.mp4"), clip("thing.mp4", "mug", "distractor-7")], frozenset({"thing.mp4"}))
    assert said[-1] == "thing.mp4: alerted mug; 1 distractors"


def test_a_crowded_list_may_be_used_as_any_other() -> None:
    made = date(2026, 1, 31)
    others = tuple(made_up_reference(f"distractor-{n}", n) for n in range(5))
    gallery = crowded(made_up_gallery(made), others)
    assert len(gallery.entries) == 8
    assert flaws(gallery) == ()
