"""Fills a list from a table and photos: all of it, or nothing, or all but the rows that were refused and seen to be.

What was described is kept beside the list (``working``), so that a cut loses at most the pictures being looked at. The
list itself changes once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from lapel.core.compact import compacted, fitted, level_for
from lapel.core.gallery import Gallery, Terms
from lapel.core.things import Entry, Reference
from lapel.errors import EnrolmentRefused
from lapel_tools.watchlist.describing import Task, references_from
from lapel_tools.watchlist.sources import Sources
from lapel_tools.watchlist.standing import listed
from lapel_tools.watchlist.table import RefusedRow, Row
from lapel_tools.watchlist.working import WorkDone, name_of

# Another enrolment judges otherwise: then nothing that an older one kept is taken for its own.
_MADE = b"import 1"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row, its task, and what there is of it on the list."""

    row: Row
    task: Task
    is_new: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a table asks of a list. ``unchanged`` rows stand on it already; ``retermed`` change their terms alone."""

    wanted: tuple[Wanted, ...]
    unchanged: tuple[Row, ...]
    retermed: tuple[Row, ...]
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """The next version of a list, and the rows that are not on it."""

    gallery: Gallery
    refused: tuple[RefusedRow, ...]
    added: int
    changed: int


def planned(rows: Iterable[Row], photos: Path, gallery: Gallery | None, sources: Sources, is_update: bool) -> Plan:
    """Compare a table with a list. ``photos`` is read once, to know each file by its content."""
    there = {} if gallery is None else {entry.id: (entry, references) for entry, references in listed(gallery)}
    wanted: list[Wanted] = []
    unchanged: list[Row] = []
    retermed: list[Row] = []
    refused: list[RefusedRow] = []
    for row in rows:
        try:
            entry, before = row.entry, there.get(row.entry.id)
            hashes = tuple(_hash(row, photos / name) for name in row.photos)
            task = Task(_name(entry.id, hashes), entry, tuple(photos / name for name in row.photos))
            if before is None:
                wanted.append(Wanted(row, task, True))
                continue
            is_pictured = hashes == tuple(_sha(each.picture) for each in before[1])
            is_pictured = is_pictured or sources.are_of(entry.id, task.name, before[1])
            if is_pictured and before[0] == entry:
                unchanged.append(row)
            elif not is_update:
                what = "terms" if before[0] != entry else "pictures"
                raise EnrolmentRefused(f"{entry.id}: is listed already with other {what}; --update takes these")
            elif is_pictured:
                retermed.append(row)
            else:
                wanted.append(Wanted(row, task, False))
        except EnrolmentRefused as error:
            refused.append(RefusedRow(row.line, row.entry.id, str(error)))
    return Plan(tuple(wanted), tuple(unchanged), tuple(retermed), tuple(refused))


@dataclass(frozen=True, slots=True)
class Made:
    """By what and when a list is made, and the name of a new one."""

    list_id: str
    model_sha256: str
    today: date


def filled(plan: Plan, work: WorkDone, gallery: Gallery | None, sources: Sources, made: Made) -> Filled:
    """The list as it becomes, once all that is wanted was described; ``sources`` are noted. Raises: Tampered."""
    before = {} if gallery is None else {entry.id: (entry, refs) for entry, refs in listed(gallery)}
    refused = list(plan.refused)
    count = (0 if gallery is None else len(gallery.references)) + sum(len(each.task.photos) for each in plan.wanted)
    level = level_for(count)
    after = dict(before)
    for row in plan.retermed:
        after[row.entry.id] = (row.entry, before[row.entry.id][1])
    added = changed = 0
    for each in plan.wanted:
        done = work.find(each.task.name)
        assert done is not None, "all that is wanted was described"
        try:
            # At once at the level of the list: 10,000 things in full are a gigabyte.
            references = tuple(
                replace(reference, features=compacted(reference.features, level)) for reference in references_from(done)
            )
        except EnrolmentRefused as error:
            refused.append(RefusedRow(each.row.line, each.row.entry.id, str(error)))
            continue
        after[each.row.entry.id] = (each.row.entry, references)
        sources.note(each.row.entry.id, each.task.name, references)
        added, changed = added + each.is_new, changed + (not each.is_new)
    listing = _gallery(gallery, tuple(after.values()), made)
    return Filled(listing, tuple(sorted(refused, key=lambda row: row.line)), added, changed + len(plan.retermed))


def _gallery(before: Gallery | None, entries: tuple[tuple[Entry, tuple[Reference, ...]], ...], made: Made) -> Gallery:
    expires = max((entry.expires for entry, _ in entries), default=made.today)
    references = tuple(reference for _, own in entries for reference in own)
    listed_now = tuple(entry for entry, _ in entries)
    if before is None:
        return fitted(Gallery(Terms(made.list_id, 1, made.today, expires), made.model_sha256, listed_now, references))
    terms = Terms(before.terms.list_id, before.terms.version + 1, made.today, expires)
    return fitted(replace(before, terms=terms, entries=listed_now, references=references))


def _name(entry_id: str, hashes: tuple[str, ...]) -> str:
    """The name of describing these photos of an entry: its terms were judged when the table was read."""
    return name_of(_MADE, entry_id.encode(), *(each.encode() for each in hashes))


def _hash(row: Row, path: Path) -> str:
    """Raises: EnrolmentRefused for a file that is not there."""
    if not path.is_file():
        raise EnrolmentRefused(f"{row.entry.id}: photo {path}: there is no such file; check the name and --photos")
    try:
        return _sha(path.read_bytes())
    except OSError as error:
        raise EnrolmentRefused(f"{row.entry.id}: photo {path}: cannot be read ({error.strerror})") from error


def _sha(data: bytes) -> str:
    return sha256(data).hexdigest()
