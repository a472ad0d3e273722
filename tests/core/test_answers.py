"""What officers say is heeded: entries that were wrong too often fall silent, and mutes end with the shift."""

from collections.abc import Iterator
from itertools import count

import pytest

from lapel.core.answers import MOST_WRONG, MUTE_S, Answers, Counts, Listed
from lapel.core.feedback import Answer, Mute, answer_event, mute_event
from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, Record, RecordKind

NOON_S = 1_777_896_000  # 2026-05-04T12:00:00Z
HOUR_S = 3600
IS, IS_NOT, UNSURE = Answer


class Device:
    """Records as a device would keep them, and what is known from them."""

    def __init__(self, budget_per_hour: float | None = 0.125) -> None:
        self.records: list[Record] = []
        self._numbers: Iterator[int] = count()
        self.answers = Answers()
        self.lists(1, budget_per_hour)

    def lists(self, version: int, budget_per_hour: float | None = 0.125) -> None:
        self.version = version
        facts = (("list_id", "harbour"), ("version", version), ("budget_per_hour", budget_per_hour))
        self._kept(Event(RecordKind.LIST, facts), 0)

    def alert(self, entry: str = "crate", hours: float = 0, code: str = "", picture: bytes = b"jpeg") -> str:
        facts = (("entry", entry), ("list_id", "harbour"), ("list_version", self.version), ("code", code))
        self._kept(Event(RecordKind.ALERT, facts, picture), hours)
        return self.records[-1].id

    def says(self, answer: Answer, alert: str) -> tuple[Listed, ...]:
        return self._kept(answer_event(alert, answer, "Officer 7"), 100)

    def mutes(self, mute: Mute, alert: str, hours: float) -> None:
        self._kept(mute_event(alert, mute, "Officer 7"), hours)

    def wrong(self, times: int, entry: str = "crate", every_hours: float = 1, code: str = "") -> list[str]:
        alerts = [self.alert(entry, number * every_hours, code) for number in range(times)]
        return [each.entry for alert in alerts for each in self.says(IS_NOT, alert)]

    def _kept(self, event: Event, hours: float) -> tuple[Listed, ...]:
        at_ns = int((NOON_S + hours * HOUR_S) * 1e9)
        self.records.append(record_of(event, Stamp("cam-7", next(self._numbers), at_ns, "boot", 0)))
        return self.answers.see(self.records[-1])


def test_answers_are_counted_and_a_later_one_replaces_the_one_before() -> None:
    device = Device()
    first, second = device.alert(), device.alert()
    device.says(IS_NOT, first)
    device.says(UNSURE, second)
    assert device.answers.counts("crate") == Counts(0, 1, 1)
    device.says(IS, first)
    assert device.answers.counts("crate") == Counts(1, 0, 1)
    assert device.answers.said_of(first) is IS
    assert device.answers.counts("other") == Counts(0, 0, 0)


@pytest.mark.parametrize(("times", "every_hours", "fell"), [(2, 1, []), (3, 1, ["crate"]), (3, 18, ["crate"])])
def test_an_entry_that_was_wrong_too_often_falls_silent(times: int, every_hours: float, fell: list[str]) -> None:
    device = Device()
    assert device.wrong(times, every_hours=every_hours) == fell
    assert (device.answers.silence("crate") is not None) is bool(fell)
    assert device.answers.silence("other") is None


@pytest.mark.parametrize("budget_per_hour", [0.125, None])
def test_an_entry_that_is_seldom_wrong_does_not(budget_per_hour: float | None) -> None:
    device = Device(budget_per_hour)
    assert device.wrong(30, every_hours=24 * 7) == []


def test_what_a_list_may_cost_says_how_many_are_too_many() -> None:
    assert Device(budget_per_hour=20.0).wrong(3) == []


def test_an_entry_that_was_right_in_between_begins_anew() -> None:
    device = Device()
    alerts = [device.alert(hours=hour) for hour in range(5)]
    for answer, alert in zip((IS_NOT, IS_NOT, IS, IS_NOT, IS_NOT), alerts, strict=True):
        assert device.says(answer, alert) == ()


def test_an_answer_that_is_taken_back_ends_the_silence() -> None:
    device = Device()
    alerts = [device.alert(hours=hour) for hour in range(3)]
    for alert in alerts:
        device.says(IS_NOT, alert)
    assert device.answers.silence("crate") is not None
    device.says(IS, alerts[1])
    assert device.answers.silence("crate") is None


def test_codes_that_were_read_make_no_entry_silent_and_are_no_looks() -> None:
    device = Device()
    assert device.wrong(9, code="1203") == []
    assert device.answers.wrong_looks("crate") == ()


def test_a_newer_version_of_the_list_begins_anew_and_remembers_wrong_looks() -> None:
    device = Device()
    device.wrong(3)
    device.lists(2)
    assert device.answers.silence("crate") is None
    assert len(device.answers.wrong_looks("crate")) == 3


def test_several_entries_that_are_wrong_make_the_list_silent_where_it_had_a_budget() -> None:
    calibrated, other = Device(), Device(budget_per_hour=None)
    fell = [name for entry in ("crate", "bag", "cup") for name in calibrated.wrong(1, entry, every_hours=0)]
    assert fell == [""]
    assert calibrated.answers.silence() is not None
    assert [name for entry in ("crate", "bag", "cup", "box") for name in other.wrong(1, entry)] == []


def test_one_entry_alone_makes_no_list_silent() -> None:
    device = Device()
    device.wrong(20, every_hours=0.1)
    assert device.answers.silence() is None


def test_wrong_looks_are_the_newest_few_that_have_a_picture() -> None:
    device = Device()
    alerts = [device.alert(picture=b"" if number % 2 else b"jpeg") for number in range(3 * MOST_WRONG)]
    for alert in alerts:
        device.says(IS_NOT, alert)
    found = [told.sequence for told in device.answers.wrong_looks("crate")]
    with_picture = [record.sequence for record in device.records if record.picture]
    assert found == with_picture[-MOST_WRONG:]


def test_a_mute_lasts_a_shift_or_until_it_is_lifted() -> None:
    device = Device()
    alert = device.alert()
    device.mutes(Mute.MUTED, alert, hours=1)
    at_s = NOON_S + HOUR_S
    muted = [device.answers.is_muted("crate", at_s + later_s) for later_s in (0, MUTE_S, MUTE_S + 1, -1)]
    assert muted == [True, True, False, False]
    assert not device.answers.is_muted("other", at_s)
    device.mutes(Mute.LIFTED, alert, hours=2)
    assert not device.answers.is_muted("crate", at_s + 2 * HOUR_S)


def test_all_of_it_can_be_derived_from_the_records_again() -> None:
    device = Device()
    device.wrong(3)
    device.mutes(Mute.MUTED, device.alert("bag"), hours=1)
    again = Answers(device.records)
    assert again.silence("crate") == device.answers.silence("crate")
    assert again.wrong_looks("crate") == device.answers.wrong_looks("crate")
    assert again.is_muted("bag", NOON_S + 2 * HOUR_S)


@pytest.mark.parametrize("event", [answer_event("aa", IS, "Officer 7"), mute_event("aa", Mute.MUTED, "Officer 7")])
def test_what_is_said_of_an_alert_that_is_not_known_cannot_be_taken_in_and_changes_nothing(event: Event) -> None:
    device = Device()
    with pytest.raises(ValueError, match="no record of it"):
        device.answers.about(event)
    assert device._kept(event, 1) == ()


@pytest.mark.parametrize("by", ["", " ", "a\nb"])
def test_nobody_answers_without_a_name(by: str) -> None:
    device = Device()
    with pytest.raises(ValueError, match="who answers"):
        device.answers.about(answer_event(device.alert(), IS, by))
