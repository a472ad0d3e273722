"""Shows what the station holds, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from lapel_tools.station.holdings import Holdings, Row, Standing

_ROW = "{:<20} {:>8}  {:<10} {:<22} {:<9} {}"


def as_text(register: Holdings, count: int) -> Iterator[str]:
    """The devices and the newest records, a line each."""
    for standing in register.standings():
        yield (
            f"{standing.device or '(no device)'}: {standing.head.size} records, head {standing.head.root.hex()[:16]}, "
            f"heard {standing.heard_at[:19] or 'never'}, {standing.refusals} messages refused, {standing.forks} forks, "
            f"{standing.early} early, {standing.witnessed} witnessed"
        )
    for purge in register.purges():
        yield (
            f"{purge.at[:19]}: {purge.who} removed the {purge.what} of {purge.records} records that came before "
            f"{purge.before_at[:19]}: {purge.why}"
        )
    yield _ROW.format("device", "sequence", "kind", "at", "picture", "facts")
    for row in register.last(count):
        picture = row.withheld or (f"{row.picture_bytes} B" if row.picture_bytes else "")
        facts = ", ".join(f"{name}={value}" for name, value in facts_of(row).items())
        yield _ROW.format(row.device, row.sequence, row.kind, row.at[:19], picture, facts[:120])


def as_json(register: Holdings, count: int) -> str:
    """The same, as one JSON object."""
    return json.dumps(
        {
            "devices": [_standing(standing) for standing in register.standings()],
            "purges": [asdict(purge) for purge in register.purges()],
            "records": [_record(row) for row in register.last(count)],
        }
    )


def facts_of(row: Row) -> dict[str, object]:
    """What a record says; nothing where its body was withheld."""
    return dict(json.loads(row.body)["facts"]) if row.body else {}


def _standing(standing: Standing) -> dict[str, object]:
    return {
        "device": standing.device,
        "count": standing.head.size,
        "root": standing.head.root.hex(),
        "heard_at": standing.heard_at,
        "refusals": standing.refusals,
        "forks": standing.forks,
        "early": standing.early,
        "witnessed": standing.witnessed,
    }


def _record(row: Row) -> dict[str, object]:
    return {
        "device": row.device,
        "sequence": row.sequence,
        "id": row.id,
        "kind": row.kind,
        "at": row.at,
        "received_at": row.received_at,
        "withheld": row.withheld,
        "picture_bytes": row.picture_bytes,
        "facts": facts_of(row),
    }
