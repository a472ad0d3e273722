"""What the console shows of the station's records: alerts with officers' answers, and how the audit stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapel.core.records import RecordKind
from lapel_tools.station.alarms import Raised, Settled
from lapel_tools.station.holdings import Holdings, Refusals, Row, Standing
from lapel_tools.station.show import facts_of

ALERTS_A_PAGE = 20
_ANSWERS = 2000  # after the oldest alert of a page
_KEPT_IN_VIEW = (RecordKind.EXPORT, RecordKind.PURGE, RecordKind.REFUSAL, RecordKind.SILENCED, RecordKind.LEASE)
_NEWEST = 15


@dataclass(frozen=True, slots=True)
class Said:
    """What an officer said of an alert."""

    answer: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class SeenAlert:
    """An alert as the station holds it. ``facts`` are empty where its body was withheld."""

    row: Row
    facts: dict[str, object]
    picture: bytes = field(repr=False)
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Audited:
    """How a device's records stand: what is held without a gap, what was refused, and what the witness found."""

    standing: Standing
    refusals: tuple[Refusals, ...]
    alarms: tuple[Raised, ...]
    settled: tuple[Settled, ...]

    @property
    def needs_looking_after(self) -> bool:
        """Whether its records are not simply those that it kept, and nobody has looked into that."""
        return bool(self.standing.open_forks or self.alarms)


def alerts(held: Holdings, page: int) -> tuple[SeenAlert, ...]:
    """The alerts that were received last, newest first; ``page`` counts from 0."""
    rows = held.alerts(ALERTS_A_PAGE, page * ALERTS_A_PAGE)
    said: dict[tuple[str, object], list[Said]] = {}
    for device in {row.device for row in rows}:
        oldest = min(row.sequence for row in rows if row.device == device)
        for answer in held.following(device, RecordKind.ANSWER.value, oldest, _ANSWERS):
            facts = facts_of(answer)
            of = Said(str(facts.get("answer", "")), str(facts.get("by", "")), answer.at)
            said.setdefault((device, facts.get("alert")), []).append(of)
    return tuple(
        SeenAlert(
            row,
            facts_of(row),
            held.picture(row.device, row.sequence) if row.picture_bytes else b"",
            tuple(said.get((row.device, row.id), ())),
        )
        for row in rows
    )


def audited(held: Holdings) -> tuple[Audited, ...]:
    """Every device, by name; messages on no device's topic are told under an empty one."""
    refused, alarms, settled = held.refusals(), held.alarms(), held.settled()
    return tuple(
        Audited(
            standing,
            tuple(each for each in refused if each.device == standing.device),
            tuple(each for each in alarms if each.device == standing.device),
            tuple(each for each in settled if each.raised.device == standing.device),
        )
        for standing in held.standings()
    )


def newest_acts(held: Holdings) -> tuple[Row, ...]:
    """The newest records of what was exported, removed, refused and silenced, newest first."""
    # Device by device, as the index has them: over all of them, a rare kind takes seconds in a million records.
    devices = [each.device for each in held.standings()]
    rows = [row for device in devices for kind in _KEPT_IN_VIEW for row in held.newest(device, kind.value, _NEWEST)]
    return tuple(sorted(rows, key=lambda row: row.received_at, reverse=True)[:_NEWEST])
