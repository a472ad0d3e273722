"""What a device, or a fleet, did in a range of days, counted from audited records alone. Pure.

Nothing else goes in, the time of counting least of all: whoever holds the same records counts the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from statistics import median

from lapel.core.crowd import counts_by_minute
from lapel.core.feedback import Answer
from lapel.core.purging import purged_by
from lapel.core.record_body import Body
from lapel.core.records import RecordKind
from lapel_tools.report.audited import Tree
from lapel_tools.report.readable import FRAMES, day_of, is_readable, terms_of


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What was counted from: all ``records`` of a device give ``root`` (RFC 6962), ``in_range`` of them were counted.

    Of ``withheld`` ones what they say is not held, nor of which day they are. ``unreadable`` ones are of those days, or
    of none, and say what no record of their kind does.
    """

    device: str
    records: int
    root: str
    in_range: int
    withheld: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class AppliedList:
    """A watchlist that was looked for. ``terms`` are purpose, authority and number of entries, None where the record of
    it is from before they were recorded."""

    list_id: str
    version: int
    entries: int
    references: int
    expires: str
    first_applied: str
    terms: tuple[tuple[str, str, int], ...] | None


@dataclass(frozen=True, slots=True)
class Crowds:
    """The most people in a frame, of each minute: only how these are spread. None where no minute was counted."""

    minutes: int
    highest: int | None
    median: float | None
    minutes_without: int


@dataclass(frozen=True, slots=True)
class Transparency:
    """The whole report. ``answers`` are what was last said of each alert, None where nothing was said of any. Of
    ``records_given_up`` a device gave up what they say, or their pictures, at its quota, once a station had them."""

    first_day: str
    last_day: str
    trees: tuple[TreeHead, ...]
    watches_begun: int
    watches_ended: int
    frames: dict[str, int]
    frames_dropped: int
    alerts: int
    alerts_located: int
    alerts_of_codes: int
    entries_alerted: int
    answers: dict[str, int] | None
    decoys_hit: int
    silenced: int
    entries_silenced: int
    lists: tuple[AppliedList, ...]
    clips_made: int
    exports: dict[str, int]
    purges: dict[str, int]
    records_given_up: int
    refusals: int
    crowds: Crowds
    records_by_kind: dict[str, int]

    def as_json(self) -> str:
        """Canonical: the same bytes for the same records."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def counted(trees: Sequence[Tree], first: date, last: date) -> Transparency:
    """Count the records of those days (UTC, both included). ``trees`` may stand in any order."""
    chosen = [_chosen(tree, first, last) for tree in sorted(trees, key=lambda tree: tree.device)]
    every = [record for _, records in chosen for record in records]
    kinds = Counter(record.kind for record in every)
    frames = {name: sum(_count(r, name) for r in every if r.kind is RecordKind.DROPPED) for name in FRAMES}
    alerts = [dict(r.facts) for r in every if r.kind is RecordKind.ALERT]
    silenced = [dict(r.facts) for r in every if r.kind is RecordKind.SILENCED]
    entries_silenced = sum("entry" in facts for facts in silenced)
    return Transparency(
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        trees=tuple(head for head, _ in chosen),
        watches_begun=kinds[RecordKind.START],
        watches_ended=kinds[RecordKind.STOP],
        frames=frames,
        frames_dropped=frames["seen"] - frames["looked_at"],
        alerts=len(alerts),
        alerts_located=sum(facts.get("located") is not False for facts in alerts),
        alerts_of_codes=sum(bool(facts.get("code")) for facts in alerts),
        entries_alerted=len({(facts.get("list_id"), facts.get("entry")) for facts in alerts}),
        answers=_answers(every),
        decoys_hit=kinds[RecordKind.DECOY],
        silenced=len(silenced) - entries_silenced,
        entries_silenced=entries_silenced,
        lists=_lists(every),
        clips_made=kinds[RecordKind.CLIP],
        exports=_by(every, RecordKind.EXPORT, "form"),
        purges=_by(every, RecordKind.PURGE, "reason"),
        records_given_up=sum(_given_up(record) for record in every),
        refusals=kinds[RecordKind.REFUSAL],
        crowds=_crowds(every),
        records_by_kind={kind.value: count for kind, count in sorted(kinds.items(), key=lambda pair: pair[0].value)},
    )


def _chosen(tree: Tree, first: date, last: date) -> tuple[TreeHead, list[Body]]:
    """What is counted of a tree, and how much that is."""
    due = [record for record in tree.records if (day := day_of(record)) is None or first <= day <= last]
    records = [record for record in due if is_readable(record)]
    root, unreadable = tree.head.root.hex(), len(due) - len(records)
    return TreeHead(tree.device, tree.head.size, root, len(records), tree.withheld, unreadable), records


def _lists(records: Iterable[Body]) -> tuple[AppliedList, ...]:
    """Each version of each list once, as it was first applied."""
    found: dict[tuple[str, int], AppliedList] = {}
    for record in sorted((r for r in records if r.kind is RecordKind.LIST), key=lambda r: (r.at, r.device, r.sequence)):
        facts = dict(record.facts)
        name = (str(facts.get("list_id", "")), _count(record, "version"))
        if name not in found:
            found[name] = AppliedList(
                *name,
                _count(record, "entries") - _count(record, "decoys"),
                _count(record, "references"),
                str(facts.get("expires", "")),
                record.at[:10],
                terms_of(facts.get("listed")),
            )
    return tuple(found[name] for name in sorted(found))


def _answers(records: Iterable[Body]) -> dict[str, int] | None:
    """Alerts by what was said of them; a later answer of a device replaces the one before."""
    given = [(record.device, dict(record.facts)) for record in records if record.kind is RecordKind.ANSWER]
    said = {(device, facts["alert"]): facts["answer"] for device, facts in given}
    counts = Counter(said.values())
    return {each.value: counts[each.value] for each in Answer} if said else None


def _crowds(records: Iterable[Body]) -> Crowds:
    said = (str(dict(r.facts).get("people_by_minute", "")) for r in records if r.kind is RecordKind.PEOPLE)
    counts = sorted(count for text in said for count in counts_by_minute(text) if count is not None)
    if not counts:
        return Crowds(0, None, None, 0)
    return Crowds(len(counts), counts[-1], float(median(counts)), counts.count(0))


def _by(records: Iterable[Body], kind: RecordKind, fact: str) -> dict[str, int]:
    counts = Counter(str(dict(r.facts).get(fact, "")) for r in records if r.kind is kind)
    return dict(sorted(counts.items()))


def _given_up(record: Body) -> int:
    """How many records before it a record says were given up."""
    purged = purged_by(record)
    return purged.last - purged.first + 1 if purged else 0


def _count(record: Body, name: str) -> int:
    value = dict(record.facts).get(name, 0)
    return value if isinstance(value, int) else 0
