"""Of what a receiver says, only what can be so is a fix, and every line is counted."""

import json

import pytest

from lapel.core.gps import Heard, Receiver
from lapel.core.position import Fix, Position

QUAY = Position(51.2213, 4.3997)


def tpv(**said: object) -> bytes:
    """A report of a receiver at the quay, as gpsd 3.22 writes it, with what a test says otherwise."""
    usual = {"class": "TPV", "device": "/dev/ttyACM0", "mode": 3, "lat": QUAY.latitude_deg, "lon": QUAY.longitude_deg}
    return json.dumps({**usual, "eph": 8.5, **said}).encode()


def heard(*lines: bytes, every_s: float = 1.0) -> tuple[Receiver, list[Heard]]:
    receiver = Receiver()
    return receiver, [receiver.hear(line, number * every_s) for number, line in enumerate(lines)]


def test_a_fix_is_as_old_as_it_was_heard_ago_whatever_its_own_time_says() -> None:
    receiver, _ = heard(tpv(time="1999-08-22T00:00:00.000Z"))
    assert receiver.fix(12.5) == Fix(QUAY, 12.5, 8.5)


def test_before_the_first_fix_there_is_none() -> None:
    receiver, _ = heard(tpv(mode=1), b'{"class":"VERSION","release":"3.22"}')
    assert receiver.fix(5.0) is None


def test_while_there_is_no_fix_the_last_one_grows_older() -> None:
    receiver, told = heard(tpv(), tpv(mode=1), tpv(mode=0))
    assert told == [Heard.FIX, Heard.NO_FIX, Heard.NO_FIX]
    assert receiver.fix(60.0) == Fix(QUAY, 60.0, 8.5)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"$GPRMC,120001.00,A,5231.2,N",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"7",
        b'{"class": 7}',
        b'{"mode": 3}',
        tpv()[:40],
        b"[" * 100_000,
        b"1" * 5000,
    ],
)
def test_garbage_is_counted_and_changes_nothing(line: bytes) -> None:
    receiver, told = heard(tpv(), line)
    assert told[1] is Heard.GARBAGE
    assert receiver.counts[Heard.GARBAGE] == 1
    assert receiver.fix(0.0) == Fix(QUAY, 0.0, 8.5)


@pytest.mark.parametrize(
    "said",
    [
        {"lat": 91.0},
        {"lon": -180.5},
        {"lat": float("nan")},
        {"lon": float("inf")},
        {"lat": "51.2"},
        {"lat": None},
        {"lat": True},
        {"lat": 10**400},
        {"lat": 0.0, "lon": 0.0},
        {"eph": -1.0},
        {"eph": 1e6},
        {"eph": float("nan")},
    ],
)
def test_what_no_receiver_can_mean_is_counted_as_absurd(said: dict[str, object]) -> None:
    receiver, told = heard(tpv(**said))
    assert told == [Heard.ABSURD]
    assert receiver.fix(0.0) is None


@pytest.mark.parametrize("mode", [None, "3", 2.5, 0, 1])
def test_without_a_mode_that_says_so_there_is_no_fix(mode: object) -> None:
    assert heard(tpv(mode=mode))[1] == [Heard.NO_FIX]


def test_a_place_out_of_reach_is_taken_once_the_next_report_says_the_same() -> None:
    receiver, told = heard(tpv(), tpv(lat=48.85, lon=2.35), tpv(), tpv(lat=48.85, lon=2.35), tpv(lat=48.85, lon=2.351))
    assert told == [Heard.FIX, Heard.ABSURD, Heard.FIX, Heard.ABSURD, Heard.FIX]
    assert receiver.fix(4.0) == Fix(Position(48.85, 2.351), 0.0, 8.5)


def test_a_place_that_can_have_been_reached_is_taken_at_once() -> None:
    assert heard(tpv(), tpv(lat=48.85, lon=2.35), every_s=3600.0)[1] == [Heard.FIX, Heard.FIX]


def test_a_receiver_that_repeats_itself_makes_no_fix_younger() -> None:
    receiver, told = heard(*[tpv(time="2026-03-29T12:00:01.000Z")] * 3)
    assert told == [Heard.FIX, Heard.REPEATED, Heard.REPEATED]
    assert receiver.fix(9.0) == Fix(QUAY, 9.0, 8.5)


def test_a_receiver_whose_clock_goes_back_is_still_believed_where_it_is() -> None:
    times = ["2026-03-29T12:00:01.000Z", "2006-08-13T12:00:02.000Z", "2006-08-13T12:00:03.000Z"]
    assert heard(*[tpv(time=time) for time in times])[1] == [Heard.FIX] * 3


def test_the_worst_of_what_it_says_of_its_errors_counts() -> None:
    receiver, _ = heard(tpv(eph=4.0, epx=9.0, epy=30.0))
    assert receiver.fix(0.0) == Fix(QUAY, 0.0, 30.0)


def test_where_a_receiver_says_nothing_of_its_errors_nothing_is_made_up() -> None:
    receiver, _ = heard(tpv().replace(b', "eph": 8.5', b""))
    assert receiver.fix(0.0) == Fix(QUAY, 0.0, None)
