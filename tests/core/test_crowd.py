"""People are a number: the most in a frame of each minute."""

from lapel.core.crowd import MINUTES, Crowd, counts_by_minute
from lapel.core.records import Event


def said(event: Event) -> dict[str, object]:
    return dict(event.facts)


def seen(crowd: Crowd, *frames: tuple[int, float]) -> list[Event]:
    return [event for people, at_s in frames for event in crowd.see(people, at_s)]


def test_of_each_minute_the_most_people_in_a_frame_are_kept() -> None:
    crowd = Crowd()
    assert seen(crowd, (2, 0.0), (5, 30.0), (1, 59.9), (3, 60.0), (0, 185.0)) == []
    (event,) = crowd.close()
    assert said(event) == {"from_s": 0, "people_max": 5, "people_by_minute": "5 3 - 0"}
    assert crowd.people_max == 5


def test_every_ten_minutes_what_was_counted_is_handed_out_once() -> None:
    crowd = Crowd()
    (first,) = seen(crowd, *((minute % 4, 60.0 * minute) for minute in range(MINUTES + 1)))
    assert said(first) == {"from_s": 0, "people_max": 3, "people_by_minute": "0 1 2 3 0 1 2 3 0 1"}
    (second,) = crowd.close()
    assert said(second)["from_s"] == 600
    assert crowd.close() == ()


def test_a_source_that_begins_again_begins_a_count_of_its_own() -> None:
    crowd = Crowd()
    (before,) = seen(crowd, (4, 300.0), (1, 0.5))
    assert said(before)["people_by_minute"] == "4"
    assert [said(event)["people_by_minute"] for event in crowd.close()] == ["1"]


def test_after_an_hour_without_frames_counting_goes_on_without_an_hour_of_nothing() -> None:
    crowd = Crowd()
    assert len(seen(crowd, (4, 0.0), (1, 3700.0))) == 1
    assert [said(event)["from_s"] for event in crowd.close()] == [3660]


def test_what_a_record_says_can_be_read_again() -> None:
    assert counts_by_minute("5 3 - 0") == (5, 3, None, 0)
