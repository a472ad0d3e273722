"""What officers said of alerts, and what follows: counts, entries that fall silent, mutes. Pure; told of records.

An entry's wrong alerts are held to the share of the budget that one entry may have (``core.calibration``), by the test
that decoys are held to: three within a day and a half, at the usual budget. Those of different entries are held to the
whole budget. A newer version of the list begins anew, since whoever signs it has seen the answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lapel.core.calibration import DEFAULT_BUDGET_PER_HOUR, SHARE_OF_ONE
from lapel.core.decoys import DecoyState, DecoyTest
from lapel.core.feedback import Answer, Mute
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Fact, Record, RecordKind

MUTE_S = 8 * 3600.0
"""A mute is for a shift: nobody may silence an entry for good but those who list it."""

MOST_WRONG = 8
"""Looks of an entry that are remembered as not it, the newest."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a version of a list."""

    list_id: str
    version: int
    entry: str


@dataclass(frozen=True, slots=True)
class Told:
    """An alert: its record, whose it was, and when (seconds since 1970). Beyond the third of a day neither label nor
    picture is kept."""

    id: str
    sequence: int
    of: Listed
    label: str
    at_s: float
    is_code: bool
    has_picture: bool

    @property
    def is_look(self) -> bool:
        """Whether it can be said of its picture that it is not the thing: no code was read."""
        return self.has_picture and not self.is_code


@dataclass(frozen=True, slots=True)
class Counts:
    """Alerts of an entry, over all versions of its list, by what was last said of each."""

    is_it: int
    is_not: int
    unsure: int


def entry_silenced_event(of: Listed, state: DecoyState) -> Event:
    """What is kept of an entry falling silent, or of its whole list where ``of`` names no entry."""
    facts: tuple[tuple[str, Fact], ...] = (
        ("list_id", of.list_id),
        ("list_version", of.version),
        ("wrong_answers", state.hits),
        ("level", round(state.level, 3)),
        ("limit", round(state.limit, 3)),
    )
    return Event(RecordKind.SILENCED, (("entry", of.entry), *facts) if of.entry else facts)


class Answers:
    """Knows what was said so far. Records of other kinds than it needs, and about alerts that it does not know, change
    nothing; a later answer about an alert replaces the one before."""

    KINDS = (RecordKind.LIST, RecordKind.ALERT, RecordKind.ANSWER, RecordKind.MUTE)

    def __init__(self, records: Iterable[Record] = ()) -> None:
        """``records`` in the order in which they were kept."""
        self._told: dict[str, Told] = {}
        self._said: dict[str, Answer] = {}
        self._muted: dict[tuple[str, str], float] = {}
        self._budgets: dict[tuple[str, int], float] = {}
        self._silent: dict[Listed, DecoyState] = {}
        self.now_listed: tuple[str, int] = ("", 0)
        for record in records:
            self.see(record)

    def see(self, record: Record) -> tuple[Listed, ...]:
        """Take a record in; what fell silent by it, an entry or a whole list."""
        if record.kind not in self.KINDS:
            return ()
        body = parse_body(record.body)
        facts = dict(body.facts)
        if record.kind is RecordKind.LIST:
            self.now_listed = _version(facts, "version")
            self._budgets[self.now_listed] = _number(facts.get("budget_per_hour"))
        elif record.kind is RecordKind.ALERT:
            is_code = bool(facts.get("code"))
            of = Listed(*_version(facts, "list_version"), str(facts.get("entry", "")))
            self._told[record.id] = Told(
                record.id,
                record.sequence,
                of,
                str(facts.get("label", "")),
                _seconds(record.at),
                is_code,
                bool(body.picture_sha256),
            )
        elif (told := self._told.get(str(facts.get("alert", "")))) is not None:
            if record.kind is RecordKind.ANSWER:
                return self._answered(str(facts["alert"]), Answer(facts["answer"]), told.of)
            is_muted = Mute(facts["outcome"]) is Mute.MUTED
            self._muted[told.of.list_id, told.of.entry] = _seconds(record.at) if is_muted else float("-inf")
        return ()

    def about(self, event: Event) -> Told:
        """The alert that an answer or a mute is about. Raises: ValueError where there is none, or nobody says it."""
        facts = dict(event.facts)
        told = self._told.get(str(facts["alert"]))
        if told is None:
            raise ValueError(f"alert {facts['alert']!r}: this device has no record of it")
        if not (by := str(facts["by"])).strip() or not by.isprintable():
            raise ValueError("by: nobody is named; say who answers")
        return told

    def since(self, at_s: float) -> tuple[Told, ...]:
        """The alerts that were told since then, newest first."""
        return tuple(told for told in reversed(self._told.values()) if told.at_s >= at_s)

    def told(self, alert: str) -> Told | None:
        """What is known of an alert by its record's id."""
        return self._told.get(alert)

    def said_of(self, alert: str) -> Answer | None:
        """What was last said of an alert."""
        return self._said.get(alert)

    def counts(self, entry: str) -> Counts:
        """What was said of an entry of the list that is watched for."""
        said = [self._said[alert] for alert, _ in self._of(self.now_listed[0], entry)]
        return Counts(*(said.count(each) for each in (Answer.IS, Answer.IS_NOT, Answer.UNSURE)))

    def wrong_looks(self, entry: str) -> tuple[Told, ...]:
        """The newest alerts of an entry, by looks that were kept, of which it was said that they were not it."""
        looks = [told for alert, told in self._of(self.now_listed[0], entry) if self._is_wrong(alert) and told.is_look]
        return tuple(looks[-MOST_WRONG:])

    def silence(self, entry: str = "") -> DecoyState | None:
        """How an entry of the list that is watched for, or without one that list, fell silent; None where it did
        not."""
        return self._silent.get(Listed(*self.now_listed, entry))

    def is_muted(self, entry: str, now_s: float) -> bool:
        """Whether an officer muted it, less than a shift ago. One in the future counts for nothing: clocks are set."""
        return 0 <= now_s - self._muted.get((self.now_listed[0], entry), float("-inf")) <= MUTE_S

    def _answered(self, alert: str, answer: Answer, of: Listed) -> tuple[Listed, ...]:
        self._said.pop(alert, None)  # the newest stands last
        self._said[alert] = answer
        whole = Listed(of.list_id, of.version, "")
        tests = ((of, self._entry_test(of)), (whole, self._list_test(whole)))
        fell = tuple(each for each, test in tests if test and test.state.is_silenced and each not in self._silent)
        for each, test in tests:
            self._silent.pop(each, None)
            if test is not None and test.state.is_silenced:
                self._silent[each] = test.state
        return fell

    def _entry_test(self, of: Listed) -> DecoyTest:
        """How often its looks were wrong since it was last right."""
        budget = SHARE_OF_ONE * (self._budgets.get((of.list_id, of.version)) or DEFAULT_BUDGET_PER_HOUR)
        test = DecoyTest(budget)
        for alert, told in self._of(of.list_id, of.entry, of.version):
            if self._said[alert] is Answer.IS:
                test = DecoyTest(budget)
            elif self._is_wrong(alert) and not told.is_code:
                test.hit(told.at_s)
        return test

    def _list_test(self, of: Listed) -> DecoyTest | None:
        """How many entries were wrong, each counted once; None where the list was held to no budget."""
        budget = self._budgets.get((of.list_id, of.version))
        if not budget:
            return None
        first: dict[str, float] = {}
        for alert, told in self._of(of.list_id, None, of.version):
            if self._is_wrong(alert) and not told.is_code:
                first.setdefault(told.of.entry, told.at_s)
        test = DecoyTest(budget)
        for at_s in sorted(first.values()):
            test.hit(at_s)
        return test

    def _is_wrong(self, alert: str) -> bool:
        return self._said[alert] is Answer.IS_NOT

    def _of(self, list_id: str, entry: str | None, version: int | None = None) -> list[tuple[str, Told]]:
        """Alerts that were answered, in the order in which they were told."""
        found = [
            (alert, self._told[alert])
            for alert in self._said
            if (of := self._told[alert].of).list_id == list_id
            and entry in (None, of.entry)
            and version in (None, of.version)
        ]
        return sorted(found, key=lambda pair: pair[1].sequence)


def _version(facts: dict[str, Fact], name: str) -> tuple[str, int]:
    return str(facts.get("list_id", "")), int(_number(facts.get(name)))


def _number(fact: Fact) -> float:
    return float(fact) if isinstance(fact, int | float) else 0.0


def _seconds(at: str) -> float:
    """Of a record's time, whose nanoseconds ``datetime`` cannot read."""
    return datetime.fromisoformat(at[:19] + "+00:00").timestamp()
