"""Takes what the station has of acknowledged records out of a journal's rows; their leaves stay, and of which kind they
were and when: a station that was put back to an earlier day is told at least that."""

from __future__ import annotations

from lapel.core.purging import STAYS, Purged
from lapel.errors import StoreFull
from lapel.store.database import Connection
from lapel.store.journal_schema import said
from lapel.store.link_state import AtStation

_ROWS_AT_A_TIME = 16
_LEAST_SHARE = 4
_STAYS = f"({', '.join('?' * len(STAYS))})"
_STAYING = tuple(kind.value for kind in STAYS)


def purge(connection: Connection, at_station: AtStation, wanted_bytes: int) -> Purged:
    """Give up the oldest records that may be, a few at a time, until so many bytes are free; inside a
    transaction of the caller's, who keeps the record of it. Raises: StoreFull where too little is left to give up."""
    acknowledged = at_station.head.size
    begins = first = connection.execute("SELECT purged FROM chain").fetchall()[0][0]
    before = free = _free_bytes(connection)
    while first < acknowledged and free - before < wanted_bytes:
        end = min(first + _ROWS_AT_A_TIME, acknowledged)
        for sequence in set(range(first, end)) - at_station.withheld:
            connection.execute("UPDATE record SET picture = x'' WHERE sequence = ?", (sequence,))
            connection.execute(
                f"UPDATE record SET at = {said('at')}, body = x'' WHERE body != x'' AND sequence = ?"
                f" AND kind NOT IN {_STAYS}",
                (sequence, *_STAYING),
            )
        first, free = end, _free_bytes(connection)
    # A purge is a record itself: one for every few that are acknowledged would fill what it frees.
    if free - before < wanted_bytes // _LEAST_SHARE:
        raise StoreFull("journal: its quota is full of what the station does not have, or of what stays")
    connection.execute("UPDATE chain SET purged = ?", (first,))
    return Purged(begins, first - 1, acknowledged)


def _free_bytes(connection: Connection) -> int:
    """What is free inside the file."""
    pages, size = (connection.execute(f"PRAGMA {name}").fetchall()[0][0] for name in ("freelist_count", "page_size"))
    return int(pages) * int(size)
