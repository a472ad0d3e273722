"""What the station's database holds of its witnessing: the last head it signed of each device, over what, and how many
records the device said that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from lapel.core.chain import CompactRange
from lapel.core.record_body import parse_body
from lapel.core.records import Head, RecordKind
from lapel.core.succession import succession_in
from lapel_tools.station.database import Database
from lapel_tools.station.witness import Witnessed

_AT_A_TIME = 500
_MOST_BEGUN = 1000
"""Journals that a device began anew between two heads; it might say so in every record. Leaves are held against its
head in any case."""


def witnessed_of(db: Database, device: str) -> Witnessed | None:
    """The last head that was signed of a device."""
    rows = db.run("select key, size, peaks, note from witnessed where device = ?", (device,))
    return Witnessed(rows[0][0], CompactRange.from_bytes(rows[0][1], rows[0][2]), rows[0][3]) if rows else None


def leaves_of(db: Database, device: str, first: int, end: int) -> Iterator[bytes]:
    """Leaf hashes of the records from one number to before another, of which none is missing."""
    # Part by part: where nothing was witnessed before, these are all of a device's records.
    for at in range(first, end, _AT_A_TIME):
        rows = db.run(
            "select leaf from records where device = ? and sequence >= ? and sequence < ? order by sequence",
            (device, at, min(at + _AT_A_TIME, end)),
        )
        yield from (leaf for (leaf,) in rows)


def begun_in(db: Database, device: str, first: int, end: int) -> Mapping[int, Head]:
    """Of the records from one number to before another, those that begin a journal anew, and after which head."""
    rows = db.stream(
        "select sequence, body from records where device = ? and kind = ? and sequence >= ? and sequence < ?"
        " order by sequence",
        (device, RecordKind.JOURNAL.value, first, end),
    )
    found = ((sequence, succession_in(parse_body(body))) for sequence, body in rows if body)
    return dict(islice(((sequence, begun.former) for sequence, begun in found if begun is not None), _MOST_BEGUN))


def keep_witnessed(db: Database, device: str, signed: Witnessed, now: str) -> None:
    """Keep the head that is signed of a device now, in the place of the last."""
    db.run(
        "insert into witnessed values (?, ?, ?, ?, ?, ?) on conflict (device) do update set key = excluded.key,"
        " size = excluded.size, peaks = excluded.peaks, note = excluded.note, at = excluded.at",
        (device, signed.key, signed.tree.size, signed.tree.to_bytes(), signed.note, now),
    )


def keep_journal_size(db: Database, device: str, size: int, now: str) -> None:
    """Keep how many records a device says now that its journal has."""
    db.run(
        "insert into journals values (?, ?, ?) on conflict (device) do update set size = excluded.size,"
        " at = excluded.at",
        (device, size, now),
    )
