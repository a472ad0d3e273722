"""A review in lines, for the terminal, and in facts, for a machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from lapel.core.things import Entry
from lapel_tools.authority.budget import Held
from lapel_tools.authority.changes import EntryChange, EntryChanges, ListChange
from lapel_tools.authority.review import Review


def lines_of(review: Review) -> tuple[str, ...]:
    """All of it, a line each."""
    found = [*review.people]
    for change in review.lists:
        found += _of_list(change)
    found += [
        f"  ! comes back: {each.entry_id or 'the whole list'}, withdrawn by {each.by} on {each.at[:10]}: {each.reason}"
        for each in review.lifted
    ]
    return tuple(found)


def facts_of(review: Review) -> dict[str, object]:
    """All of it but pictures, for JSON."""
    return {
        "people": list(review.people),
        "lists": [_facts_of_list(change) for change in review.lists],
        "comes_back": [asdict(each) for each in review.lifted],
    }


def _facts_of_list(change: ListChange) -> dict[str, object]:
    manifest, entries = change.manifest, change.entries
    return {
        "list": manifest.list_id,
        "version": manifest.version,
        "entries": manifest.entries,
        "false_alerts": change.budget and change.budget.facts(),
        "terms": [asdict(each) for each in change.terms],
        "added": [each.entry.id for each in entries.added],
        "removed": [each.entry.id for each in entries.removed],
        "changed": {each.entry.id: [asdict(item) for item in each.differences] for each in entries.changed},
        "may_open": {
            "more": [name for name, _ in change.new_devices],
            "less": [name for name, _ in change.gone_devices],
        },
    }


def counted(change: ListChange) -> str:
    """How much changes, in a line."""
    manifest = change.manifest
    name = f"list {manifest.list_id} version {manifest.version}"
    return (
        f"{name}: {len(change.entries.added)} added, {len(change.entries.removed)} removed, "
        f"{len(change.entries.changed)} changed, of {manifest.entries} entries"
    )


def terms_of(change: EntryChange) -> str:
    """What an entry says of itself, in a line."""
    return words_of(change.entry, len(change.pictures))


def words_of(entry: Entry, pictures: int) -> str:
    """What an entry says of itself, in a line."""
    shown = _count(pictures, "picture") if pictures else _count(len(entry.codes), "code")
    return (
        f"{entry.label} ({entry.kind.value}); {entry.purpose}; case {entry.case}; {entry.authority}; "
        f"until {entry.expires}; {shown}"
    )


def lines_of_entries(changes: EntryChanges) -> Iterator[str]:
    """Every entry that changes, a line each."""
    for mark, entries in (("+", changes.added), ("-", changes.removed)):
        for each in entries:
            yield f"  {mark} {each.entry.id}: {terms_of(each)}"
    for each in changes.changed:
        yield f"  ~ {each.entry.id}: {'; '.join(map(str, each.differences))}"


def _of_list(change: ListChange) -> Iterator[str]:
    yield counted(change)
    if change.budget:
        yield f"  {' ' if change.budget.held is Held.KEPT else '!'} {change.budget}"
    for difference in change.terms:
        yield f"  ~ {difference}"
    yield from lines_of_entries(change.entries)
    for mark, people in (("+", change.new_devices), ("-", change.gone_devices)):
        for name, key in people:
            yield f"  {mark} may open it: {name}, key {key[:16]}"


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
