"""What is news to the officer, and what was told already."""

from dataclasses import replace

import pytest

from lapel.core.cooldown import Cooldown
from lapel.fakes.hit import BOX, ENTRY, made_up_hit

# Numbers of looks that belong to no track, as core.tracker and matching give them.
WHOLE, CENTRE, CODE = -1, -2, 0


def test_the_first_hit_of_an_entry_is_news() -> None:
    assert Cooldown().is_news(made_up_hit())


def test_the_next_frames_of_the_same_track_are_not_news() -> None:
    cooldown = Cooldown(quiet_s=30)
    told = [cooldown.is_news(made_up_hit(at_s=frame / 25)) for frame in range(50)]
    assert told == [True] + [False] * 49


def test_a_parked_thing_in_view_for_an_hour_is_one_alert() -> None:
    cooldown = Cooldown(quiet_s=30)
    told = [cooldown.is_news(made_up_hit(at_s=float(second))) for second in range(3600)]
    assert told.count(True) == 1


def test_a_new_track_of_the_entry_is_not_news_within_the_quiet_time() -> None:
    cooldown = Cooldown(quiet_s=30)
    cooldown.is_news(made_up_hit(at_s=0, track=1))
    assert not cooldown.is_news(made_up_hit(at_s=29.9, track=2))


def test_a_new_track_of_the_entry_is_news_after_the_quiet_time() -> None:
    cooldown = Cooldown(quiet_s=30)
    cooldown.is_news(made_up_hit(at_s=0, track=1))
    assert cooldown.is_news(made_up_hit(at_s=30, track=2))


def test_a_track_that_was_lost_for_the_quiet_time_is_news_again() -> None:
    cooldown = Cooldown(quiet_s=30)
    cooldown.is_news(made_up_hit(at_s=0))
    cooldown.is_news(made_up_hit(at_s=20))
    assert not cooldown.is_news(made_up_hit(at_s=45))
    assert cooldown.is_news(made_up_hit(at_s=75))


def test_another_entry_is_news_while_the_first_is_quiet() -> None:
    cooldown = Cooldown()
    cooldown.is_news(made_up_hit())
    assert cooldown.is_news(made_up_hit(entry=replace(ENTRY, id="crate-18")))


def test_a_stream_that_begins_again_is_news_again() -> None:
    cooldown = Cooldown(quiet_s=30)
    cooldown.is_news(made_up_hit(at_s=500))
    assert cooldown.is_news(made_up_hit(at_s=1))


def test_a_quiet_time_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="quiet_s: -1 is below 0"):
        Cooldown(quiet_s=-1)


def test_a_parked_thing_seen_now_by_one_look_and_now_by_another_is_one_alert() -> None:
    cooldown = Cooldown(quiet_s=30)
    looks = (7, WHOLE, CENTRE, CODE)
    told = [cooldown.is_news(made_up_hit(at_s=float(second), track=looks[second % 4])) for second in range(3600)]
    assert told.count(True) == 1


def test_a_thing_that_a_look_without_a_track_lost_for_the_quiet_time_is_news_again() -> None:
    cooldown = Cooldown(quiet_s=30)
    cooldown.is_news(made_up_hit(at_s=0, track=WHOLE))
    assert cooldown.is_news(made_up_hit(at_s=30, track=CENTRE))


def test_a_parked_thing_that_two_tracks_hold_at_one_place_is_one_alert() -> None:
    cooldown = Cooldown(quiet_s=30)
    told = [cooldown.is_news(made_up_hit(at_s=float(second), track=1 + second % 2)) for second in range(3600)]
    assert told.count(True) == 1


def test_another_track_at_another_place_is_news_after_the_quiet_time() -> None:
    cooldown = Cooldown(quiet_s=30)
    cooldown.is_news(made_up_hit(at_s=0, track=1))
    cooldown.is_news(made_up_hit(at_s=29, track=1))
    assert cooldown.is_news(made_up_hit(at_s=30, track=2, box=BOX.shifted(300, 0)))


def test_what_was_told_is_news_again_once_somebody_asks() -> None:
    cooldown = Cooldown(quiet_s=30)
    cooldown.is_news(made_up_hit(at_s=0))
    cooldown.forget()
    assert [cooldown.is_news(made_up_hit(at_s=at_s)) for at_s in (1.0, 2.0)] == [True, False]
