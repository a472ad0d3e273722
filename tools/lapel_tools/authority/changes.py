"""What changes from one version of a list to the next, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass, fields

from lapel.core.gallery import Gallery
from lapel.core.manifest import Manifest
from lapel.core.things import Entry, Reference
from lapel.store.bucket import encode_bucket
from lapel_tools.authority.budget import Budget, budget_of
from lapel_tools.authority.opened import Opened
from lapel_tools.authority.pictures import is_made_of
from lapel_tools.watchlist.standing import listed

_SHOWN = ("version", "purpose", "authority", "model_sha256", "not_before", "expires", "groups", "lease_hours")


@dataclass(frozen=True, slots=True)
class Difference:
    """A term that was one and becomes another."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        """As in "expires: 2026-03-01 → 2026-06-01"."""
        return f"{self.name}: {self.before or 'nothing'} → {self.after or 'nothing'}"


@dataclass(frozen=True, slots=True, eq=False)
class EntryChange:
    """An entry as it becomes, with its pictures; as it was, where it is removed. ``differences`` where it changes."""

    entry: Entry
    pictures: tuple[bytes, ...]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EntryChanges:
    """The entries that change, each sort by id."""

    added: tuple[EntryChange, ...]
    removed: tuple[EntryChange, ...]
    changed: tuple[EntryChange, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.added) + len(self.removed) + len(self.changed)


@dataclass(frozen=True, slots=True, eq=False)
class ListChange:
    """All that changes. ``devices`` that come and go, by name and key; ``budget`` as it becomes, None for a list of
    codes alone."""

    manifest: Manifest
    terms: tuple[Difference, ...]
    entries: EntryChanges
    new_devices: tuple[tuple[str, str], ...]
    gone_devices: tuple[tuple[str, str], ...]
    budget: Budget | None


def changes(before: Opened | None, after: Opened) -> ListChange:
    """What a proposed list changes."""
    had = {(each.name, each.to) for each in before.recipients} if before else set()
    have = {(each.name, each.to) for each in after.recipients}
    return ListChange(
        manifest=after.manifest,
        terms=_terms(before, after),
        entries=entry_changes(before.gallery if before else None, after.gallery),
        new_devices=tuple(sorted(have - had)),
        gone_devices=tuple(sorted(had - have)),
        budget=budget_of(after.unpacked.preface, after.manifest.references),
    )


def entry_changes(before: Gallery | None, after: Gallery) -> EntryChanges:
    """What changes of the entries; all are new where there was no list before."""
    was, now = (_by_id(before) if before else {}), _by_id(after)
    changed = []
    for entry_id in sorted(was.keys() & now.keys()):
        if differences := _differences(was[entry_id], now[entry_id]):
            changed.append(_change(now[entry_id], differences))
    return EntryChanges(
        added=tuple(_change(now[entry_id]) for entry_id in sorted(now.keys() - was.keys())),
        removed=tuple(_change(was[entry_id]) for entry_id in sorted(was.keys() - now.keys())),
        changed=tuple(changed),
    )


_Listed = tuple[Entry, tuple[Reference, ...]]


def _by_id(gallery: Gallery) -> dict[str, _Listed]:
    return {entry.id: (entry, references) for entry, references in listed(gallery)}


def _change(listed: _Listed, differences: tuple[Difference, ...] = ()) -> EntryChange:
    return EntryChange(listed[0], tuple(reference.picture for reference in listed[1]), differences)


def _differences(was: _Listed, now: _Listed) -> tuple[Difference, ...]:
    found = [
        Difference(field.name, _words(getattr(was[0], field.name)), _words(getattr(now[0], field.name)))
        for field in fields(Entry)
        if getattr(was[0], field.name) != getattr(now[0], field.name)
    ]
    if pictures := _pictures(was[1], now[1]):
        found.append(Difference("pictures", str(len(was[1])), pictures))
    return tuple(found)


def _pictures(was: tuple[Reference, ...], now: tuple[Reference, ...]) -> str:
    """What became of an entry's pictures; empty for nothing."""
    if encode_bucket(((), was)) == encode_bucket(((), now)):
        return ""
    if [each.picture for each in was] == [each.picture for each in now]:
        return "the same, described otherwise"
    pairs = tuple(zip(was, now, strict=False))
    if len(was) == len(now) and all(new.picture == old.picture or is_made_of(new, old) for old, new in pairs):
        return "the same, smaller"
    return f"{len(now)}, other ones"


def _terms(before: Opened | None, after: Opened) -> tuple[Difference, ...]:
    was, now = before.manifest if before else None, after.manifest
    found = [
        Difference(name, _words(getattr(was, name)) if was else "", _words(getattr(now, name)))
        for name in _SHOWN
        if was is None or getattr(was, name) != getattr(now, name)
    ]
    for name in ("calibration", "decoys"):
        if before is not None and getattr(before.gallery, name) != getattr(after.gallery, name):
            found.append(Difference(name, "what it was", "another one"))
    return tuple(found)


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(getattr(value, "value", value))
