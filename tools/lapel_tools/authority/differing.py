"""Which parts of two versions of a list differ, so that a signer opens those alone, and keeps few pictures."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np

from lapel.core.buckets import Bucket, bucket_of
from lapel.core.things import Entry, Features, Reference
from lapel.errors import Refused
from lapel.store.remaining import Progress
from lapel_tools.authority.opened import Opened, gallery_of
from lapel_tools.watchlist.card import MOST_SHOWN

_MOST_JUDGED_AGAIN = 10_000
_NOTHING = np.empty((0, 0), np.int8)
_NO_FEATURES = Features(np.empty((0, 2), np.float32), _NOTHING, 0, 0)


def differing(
    before: Opened | None, after: Opened, progress: Progress = lambda share: None
) -> tuple[Opened | None, Opened]:
    """The two with only those entries that share no chunk with the other version, each looked through.

    Buckets that are the same chunks in both are what was signed before: of a list of up to 10,000 entries they are
    judged by the new dates, too. Of a list that is all new only the first entries by id keep their pictures. Raises:
    UpdateRefused; Refused where the manifest counts otherwise.
    """
    if before is None:
        return None, replace(after, part=gallery_of(after.unpacked, _few_pictures(after, progress)))
    if before.manifest.buckets != after.manifest.buckets:
        return before, after
    was, now = before.unpacked.rows(), after.unpacked.rows()
    changed = {number for number in was.keys() | now.keys() if was.get(number) != now.get(number)}
    old = [bucket for _, bucket in before.unpacked.of_numbers(changed)]
    new = []
    for _, bucket in after.unpacked.of_numbers(changed):
        new.append(after.unpacked.check(bucket))
        progress(len(new) / len(changed))
    _check_counts(before, after, old, new)
    if is_judged_whole(after):
        for _, (entries, _) in after.unpacked.of_numbers(now.keys() - changed):
            after.unpacked.check((entries, ()))
    return replace(before, part=gallery_of(before.unpacked, old)), replace(after, part=gallery_of(after.unpacked, new))


def is_judged_whole(after: Opened) -> bool:
    """Whether what is as it was is opened again: of a long list that takes as long as signing all of it anew."""
    return after.manifest.entries <= _MOST_JUDGED_AGAIN


def _check_counts(before: Opened, after: Opened, old: list[Bucket], new: list[Bucket]) -> None:
    """Devices count, too: nobody is to sign what all of them refuse."""
    was, now = before.manifest, after.manifest
    entries = was.entries + sum(len(b[0]) for b in new) - sum(len(b[0]) for b in old)
    references = was.references + sum(len(b[1]) for b in new) - sum(len(b[1]) for b in old)
    if (entries, references) != (now.entries, now.references):
        raise Refused(
            f"list {now.list_id}: holds {entries} entries and {references} references, and its manifest says "
            f"{now.entries} and {now.references}; do not sign it"
        )
    if missing := sorted(after.unpacked.preface.decoys - after.among(after.unpacked.preface.decoys)):
        raise Refused(f"list {now.list_id}: decoy {missing[0]} is not listed; do not sign it")


def _few_pictures(after: Opened, progress: Progress) -> list[Bucket]:
    """All of a list, looked through, its references without what nobody is shown."""
    bare = []
    for number, (entries, references) in after.unpacked.inspected():
        bare.append((entries, tuple(map(_bare, references))))
        progress(number / after.manifest.buckets)
    ids = {entry.id: entry for entries, _ in bare for entry in entries}
    shown = frozenset(islice(sorted(ids), MOST_SHOWN))
    numbers = {bucket_of(entry_id, after.manifest.buckets) for entry_id in shown}
    pictured: dict[str, list[Reference]] = {}
    for _, (_, references) in after.unpacked.of_numbers(numbers):
        for reference in (each for each in references if each.entry_id in shown):
            pictured.setdefault(reference.entry_id, []).append(reference)
    return [(entries, _with_pictures(entries, references, pictured)) for entries, references in bare]


def _with_pictures(
    entries: tuple[Entry, ...], references: tuple[Reference, ...], pictured: dict[str, list[Reference]]
) -> tuple[Reference, ...]:
    if not any(entry.id in pictured for entry in entries):
        return references
    left = tuple(each for each in references if each.entry_id not in pictured)
    return (*left, *(each for entry in entries for each in pictured.get(entry.id, ())))


def _bare(reference: Reference) -> Reference:
    return Reference(reference.entry_id, _NOTHING, _NOTHING, _NO_FEATURES, b"")
