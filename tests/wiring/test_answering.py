"""An officer's answer reaches the watch over its local socket, is a record, and is heeded from then on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lapel.core.alerted import alert_event
from lapel.core.answers import Answers
from lapel.core.feedback import Answer, Mute, answer_event, mute_event
from lapel.core.located import Located
from lapel.core.record_body import parse_body
from lapel.core.records import Event, RecordKind
from lapel.core.things import Hit
from lapel.errors import CropTooSmall, LapelError, Refused, StoreFull, Tampered
from lapel.fakes.clock import FakeClock
from lapel.fakes.hit import made_up_hit
from lapel.fakes.journal import MemoryJournal
from lapel.fakes.keys import FixedKey
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.set_aside import open_or_begin
from lapel.wiring.answering import Answering, said_before
from lapel.wiring.handover import Inbox, hand_over

HIT = made_up_hit()
LIST = Event(RecordKind.LIST, (("list_id", "harbour"), ("version", 1), ("budget_per_hour", 0.125)))


@dataclass
class Watch:
    """The parts of a watch that hear answers."""

    state: Path
    clock: FakeClock
    answering: Answering
    said: list[str] = field(default_factory=list)

    def alerted(self, hit: Hit = HIT, picture: bytes = b"\xff\xd8") -> str:
        return self.answering.append(alert_event(hit, ("harbour", 1), picture)).id

    def says(self, answer: Answer, alert: str) -> None:
        hand_over(self.state, answer_event(alert, answer, "Officer 7"), FixedKey(), self.clock)


@contextmanager
def watching(state: Path, clock: FakeClock) -> Iterator[Watch]:
    said: list[str] = []
    with SealedJournal(state / JOURNAL, FixedKey(), clock, "cam-7") as journal:
        answers, located = said_before(journal, clock)
        answering = Answering(
            journal, answers, located, clock, said.append, lambda hit, a: bool(a.wrong_looks(hit.entry.id))
        )
        answering.append(LIST)
        box = Inbox(state, answering.append)
        yield Watch(state, clock, answering, said)
        box.close()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    with watching(tmp_path, FakeClock()) as begun:
        yield begun


def test_an_answer_is_a_record_and_counts(watch: Watch) -> None:
    alert = watch.alerted()
    watch.says(Answer.IS, alert)
    last = watch.answering.after(1, 9)[-1]
    assert (last.kind, dict(parse_body(last.body).facts)) == (
        RecordKind.ANSWER,
        {"alert": alert, "answer": "it is", "by": "Officer 7"},
    )
    assert watch.answering.answers.counts(HIT.entry.id).is_it == 1


def test_a_look_that_was_not_it_is_asked_for_from_then_on(watch: Watch) -> None:
    alert = watch.alerted()
    assert not watch.answering.withholds(HIT)
    watch.says(Answer.IS_NOT, alert)
    assert watch.answering.withholds(HIT)


def test_an_entry_that_was_wrong_three_times_falls_silent_says_so_and_is_a_record(watch: Watch) -> None:
    for _ in range(3):
        watch.says(Answer.IS_NOT, watch.alerted(picture=b""))
    assert [text[:14] for text in watch.said] == ["ENTRY SILENCED"]
    last = watch.answering.after(-1, 99)[-1]
    assert (last.kind, dict(parse_body(last.body).facts)["entry"]) == (RecordKind.SILENCED, HIT.entry.id)
    assert watch.answering.withholds(HIT)
    assert not watch.answering.withholds(made_up_hit(code="1203"))


def test_a_muted_entry_is_not_told_of_until_it_is_lifted(watch: Watch) -> None:
    alert = watch.alerted()
    for mute in (Mute.MUTED, Mute.LIFTED):
        hand_over(watch.state, mute_event(alert, mute, "Officer 7"), FixedKey(), watch.clock)
        assert watch.answering.withholds(made_up_hit(code="1203")) is (mute is Mute.MUTED)
    assert [text.split(": ")[1][:5] for text in watch.said] == ["muted", "heard"]


def test_it_is_all_as_before_after_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    with watching(tmp_path, clock) as first:
        for _ in range(3):
            first.says(Answer.IS_NOT, first.alerted(picture=b""))
    with watching(tmp_path, clock) as second:
        assert second.answering.withholds(HIT)
        assert second.said == []


@pytest.mark.parametrize(("answer", "is_located"), [(Answer.IS, True), (Answer.IS_NOT, True), (Answer.UNSURE, False)])
@pytest.mark.parametrize("is_restarted", [False, True])
def test_where_a_thing_is_seen_is_kept_again_once_an_officer_has_said_what_it_is(
    answer: Answer, is_located: bool, is_restarted: bool, tmp_path: Path
) -> None:
    clock = FakeClock()
    with watching(tmp_path, clock) as watch:
        held = watch.answering._located
        for _ in range(3):
            assert held.held(HIT).is_located
            alert = watch.alerted()
        assert not held.held(HIT).is_located
        watch.says(answer, alert)
        if not is_restarted:
            assert held.held(HIT).is_located is is_located
    with SealedJournal(tmp_path / JOURNAL, FixedKey(), clock, read_only=True) as journal:
        assert said_before(journal, clock)[1].held(HIT).is_located is is_located


def test_a_journal_that_was_set_aside_today_does_not_begin_the_count_of_the_day_anew(tmp_path: Path) -> None:
    clock = FakeClock()
    with watching(tmp_path, clock) as watch:
        for _ in range(3):
            watch.alerted()
        for _ in range(40):
            watch.answering.append(Event(RecordKind.PEOPLE, (("people_max", 1),)))
    with (tmp_path / JOURNAL).open("r+b") as damaged:
        damaged.seek(9000)
        damaged.write(bytes(16))
    begun = open_or_begin(tmp_path / JOURNAL, FixedKey(), clock, "cam-7", 64)
    assert begun.said.startswith("JOURNAL SET ASIDE")
    assert not said_before(begun.journal, clock)[1].held(HIT).is_located
    clock.advance(86_400)
    assert said_before(begun.journal, clock)[1].held(HIT).is_located
    begun.journal.close()


def test_an_answer_about_no_alert_is_refused_and_not_kept(watch: Watch) -> None:
    with pytest.raises(Refused, match="no record of it"):
        watch.says(Answer.IS, "ab" * 16)
    assert [record.kind for record in watch.answering.after(-1, 9)] == [RecordKind.LIST]


def test_a_silence_that_is_not_kept_is_said_and_the_answer_stands() -> None:
    clock, said = FakeClock(), list[str]()
    journal = MemoryJournal(clock)

    def notice(text: str) -> None:
        said.append(text)
        journal.break_with(StoreFull("journal.db: quota is full"))

    answering = Answering(journal, Answers(), Located(clock.today), clock, notice)
    answering.append(LIST)
    for _ in range(3):
        alert = answering.append(alert_event(HIT, ("harbour", 1), b"")).id
        answering.append(answer_event(alert, Answer.IS_NOT, "Officer 7"))
    assert [text[:14] for text in said] == ["ENTRY SILENCED", "NOT RECORDED: "]
    assert answering.answers.counts(HIT.entry.id).is_not == 3


@pytest.mark.parametrize(
    "error", [Tampered("journal.db: a record was changed"), CropTooSmall("crop: 9×40 px"), Refused("models: others")]
)
def test_what_cannot_be_compared_alerts_and_it_is_said(error: LapelError) -> None:
    clock, said = FakeClock(), list[str]()

    def contradicts(hit: Hit, answers: Answers) -> bool:
        raise error

    answering = Answering(MemoryJournal(clock), Answers(), Located(clock.today), clock, said.append, contradicts)
    assert not answering.withholds(HIT)
    assert "so that it alerts" in said[0]
