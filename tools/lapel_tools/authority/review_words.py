"""A review in lines, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from lapel_tools.authority.changes import EntryChange, ListChange
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


def counted(change: ListChange) -> str:
    """How much changes, in a line."""
    manifest = change.manifest
    name = f"list {manifest.list_id} version {manifest.version}"
    return (
        f"{name}: {len(change.added)} added, {len(change.removed)} removed, "
        f"{len(change.changed)} changed, of {manifest.entries} entries"
    )


def terms_of(change: EntryChange) -> str:
    """What an entry says of itself, in a line."""
    entry = change.entry
    pictures = f"{len(change.pictures)} pictures" if change.pictures else f"{len(entry.codes)} codes"
    return (
        f"{entry.label} ({entry.kind.value}); {entry.purpose}; case {entry.case}; {entry.authority}; "
        f"until {entry.expires}; {pictures}"
    )


def _of_list(change: ListChange) -> Iterator[str]:
    yield counted(change)
    for difference in change.terms:
        yield f"  ~ {difference}"
    for mark, entries in (("+", change.added), ("-", change.removed)):
        for each in entries:
            yield f"  {mark} {each.entry.id}: {terms_of(each)}"
    for each in change.changed:
        yield f"  ~ {each.entry.id}: {'; '.join(map(str, each.differences))}"
    for mark, people in (("+", change.new_devices), ("-", change.gone_devices)):
        for name, key in people:
            yield f"  {mark} may open it: {name}, key {key[:16]}"
