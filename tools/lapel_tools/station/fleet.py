"""How each device of a fleet stands, by what it recorded: its list, what became of the last one offered, its clock.

Only what a device said is told, in its records and, of how many of them wait, beside the heads that it offers. Of the
rest it is said that it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from lapel.core.checkpoint import EVERY_RECORDS
from lapel.core.records import RecordKind
from lapel.core.wipes import WipeOrder
from lapel_tools.station.alarms import Raised
from lapel_tools.station.fleet_terms import about_lease, heat_of, span_of, time_of, wipe_of
from lapel_tools.station.holdings import Holdings, Row, Standing
from lapel_tools.station.show import facts_of

UNKNOWN = "unknown"
NOT_TOLD = ("battery",)
"""What a device does not tell its station."""
_LOOKED_BACK = 500
_MOST_UNWITNESSED = 4 * EVERY_RECORDS
_MOST_AHEAD = timedelta(minutes=5)
_MOST_BACK = timedelta(seconds=2)
_OFFERED = "update "
_MOST_DIGITS = 18
"""Of a list's version: a device may say anything, and Python reads no number of thousands."""


@dataclass(frozen=True, slots=True)
class Held:
    """The list that a device has, as it last said; empty and 0 where it never did."""

    list_id: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of the last list that was offered to a device: applied, current, withdrawn, refused or stale."""

    outcome: str = ""
    why: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many records of a device the station had not acknowledged, and when the device last said how many it has."""

    records: int
    at: str


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """A device. ``witnessed`` records are under a head that it and the station signed. ``withdrawn`` are the last
    entries that it said it withdrew; ``wipe`` is what became of an order to wipe it; ``heat`` what it said of heat and
    supply since it began, None where nothing; ``waiting`` is None where it never said how many records it has;
    ``findings`` are to be looked after."""

    device: str
    group: str
    heard_at: str
    records: int
    witnessed: int
    waiting: Waiting | None
    held: Held
    offered: Offered
    withdrawn: str
    wipe: str
    clock: str
    heat: str | None
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a fleet should be. ``groups`` of listed devices by name, ``versions`` that are published by list, ``leases``
    that their signers set, in hours, and orders to wipe; all are empty where no authority was named. A device that was
    not heard for ``silent`` is a finding."""

    now: datetime
    silent: timedelta
    groups: Mapping[str, str]
    versions: Mapping[str, int]
    wipes: tuple[WipeOrder, ...] = ()
    leases: Mapping[str, int] = field(default_factory=dict)


def fleet_status(register: Holdings, expected: Expectation) -> tuple[DeviceStatus, ...]:
    """Every device that was heard, or should have been, by name."""
    heard = {standing.device: standing for standing in register.standings() if standing.device}
    names = sorted(heard.keys() | expected.groups.keys())
    held = {name: _held(register, name) for name in names}
    alarms: dict[str, list[str]] = {}
    for raised in register.alarms():
        alarms.setdefault(raised.device, []).append(_alarm(raised))
    newest: dict[str, int] = {}
    for each in held.values():
        newest[each.list_id] = max(each.version, newest.get(each.list_id, 0))
    newest |= expected.versions  # what is published counts, not what a device says that it has
    return tuple(
        _status(register, name, heard.get(name), held[name], newest, expected, tuple(alarms.get(name, ())))
        for name in names
    )


def _status(
    register: Holdings,
    name: str,
    standing: Standing | None,
    held: Held,
    newest: Mapping[str, int],
    expected: Expectation,
    alarms: tuple[str, ...],
) -> DeviceStatus:
    offered, clock = _offered(register, name), _clock(register.newest_of_any(name, _LOOKED_BACK))
    wipe = wipe_of(register, name, expected.wipes, name in expected.groups)
    heat, about_heat = heat_of(register, name)
    is_offer_open = offered.outcome in {"refused", "stale"}
    findings = (
        *alarms,
        *wipe.findings,
        *(_about_work(register, standing, held, newest, expected) if not wipe.is_begun else ()),
        *((f"{offered.outcome}: {offered.why}",) if is_offer_open and not wipe.is_begun else ()),
        *((f"clock {clock}",) if clock else ()),
        *about_heat,
        *_about_records(standing),
    )
    return DeviceStatus(
        device=name,
        group=expected.groups.get(name, ""),
        heard_at=standing.heard_at if standing else "",
        records=standing.head.size if standing else 0,
        witnessed=standing.witnessed if standing else 0,
        waiting=_waiting(standing),
        held=held,
        offered=offered,
        withdrawn=_withdrawn(register, name),
        wipe=wipe.said,
        clock=clock,
        heat=heat,
        findings=findings,
    )


def _waiting(standing: Standing | None) -> Waiting | None:
    if standing is None or standing.told is None:
        return None
    return Waiting(max(standing.told - standing.head.size, 0), standing.told_at)


def _held(register: Holdings, device: str) -> Held:
    watched = register.newest(device, RecordKind.LIST.value, 1)
    taken = register.newest(device, RecordKind.UPDATE.value, 1)
    newest = max((*watched, *taken), key=lambda row: row.sequence, default=None)
    if newest is None:
        return Held()
    facts = facts_of(newest)
    name = facts.get("list_id") or facts.get("list") or ""
    version = str(facts.get("version", ""))
    return Held(str(name), int(version) if version.isdecimal() and len(version) <= _MOST_DIGITS else 0)


def _offered(register: Holdings, device: str) -> Offered:
    taken = [(row, facts_of(row)) for row in register.newest(device, RecordKind.UPDATE.value, 1)]
    refused = [(row, facts_of(row)) for row in register.newest(device, RecordKind.REFUSAL.value, _LOOKED_BACK)]
    refused = [(row, facts) for row, facts in refused if str(facts.get("what", "")).startswith(_OFFERED)][:1]
    if not (taken or refused):
        return Offered()
    row, facts = max((*taken, *refused), key=lambda each: each[0].sequence)
    if row.kind == RecordKind.UPDATE.value:
        return Offered(str(facts.get("outcome", "")), "", row.at)
    outcome = str(facts["what"]).removeprefix(_OFFERED).partition(":")[0]
    return Offered(outcome, str(facts.get("why", "")), row.at)


def _withdrawn(register: Holdings, device: str) -> str:
    said = (facts_of(row).get("withdrawn") for row in register.newest(device, RecordKind.UPDATE.value, _LOOKED_BACK))
    return next((str(each) for each in said if each), "")


def _clock(rows: tuple[Row, ...]) -> str:
    """What is wrong with a device's clock, by the times of its newest records (newest first) and of their arrival."""
    if not rows:
        return ""
    try:
        return _wrong(rows)
    except ValueError:
        return "writes times that are none"


def _wrong(rows: tuple[Row, ...]) -> str:
    ahead = time_of(rows[0].at) - time_of(rows[0].received_at)
    if ahead > _MOST_AHEAD:
        return f"is {span_of(ahead)} ahead of the station's"
    for later, earlier in pairwise(rows):
        back = time_of(earlier.at) - time_of(later.at)
        if back > _MOST_BACK:
            return f"was set back by {span_of(back)} at record {later.sequence}"
    return ""


def _about_work(
    register: Holdings, standing: Standing | None, held: Held, newest: Mapping[str, int], expected: Expectation
) -> Iterator[str]:
    yield from _about_contact(standing, expected)
    if standing is not None and standing.heard_at:
        yield from about_lease(register, standing, expected.leases.get(held.list_id, 0), expected.now)
    yield from _about_list(held, newest)


def _about_contact(standing: Standing | None, expected: Expectation) -> Iterator[str]:
    if standing is None or not standing.heard_at:
        yield "was never heard"
    elif expected.now - time_of(standing.heard_at) > expected.silent:
        yield f"was not heard for {span_of(expected.now - time_of(standing.heard_at))}"


def _about_records(standing: Standing | None) -> Iterator[str]:
    if standing is None:
        return
    if standing.open_forks:
        yield f"{standing.open_forks} fork{'' if standing.open_forks == 1 else 's'}: its records were changed"
    waiting = _waiting(standing)
    if waiting is not None and waiting.records:
        return  # it was cut while it sent them: heads over them come after them
    if standing.witnessed and standing.head.size - standing.witnessed > _MOST_UNWITNESSED:
        yield f"signed nothing over its last {standing.head.size - standing.witnessed} records"


def _alarm(raised: Raised) -> str:
    times = f", {raised.count} times" if raised.count > 1 else ""
    return f"alarm ({raised.alarm}{times}, last {raised.last_at[:16]}): {raised.detail}"


def _about_list(held: Held, newest: Mapping[str, int]) -> Iterator[str]:
    if not held.list_id:
        yield "has no list, as far as it said"
    elif held.version < newest.get(held.list_id, 0):
        yield f"behind: has version {held.version} of {held.list_id}, {newest[held.list_id]} is the newest"
