"""What has to be true after any trouble between a device's journal and the station."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from lapel.health.clock import SystemClock
from lapel.store.journal import SealedJournal
from sync_rig import Rig, finish


def everything_arrived_once_and_in_order(rig: Rig) -> None:
    """The station's rows are the journal's records, each in its place, under one head; the audit is clean."""
    with SealedJournal(rig.state / "journal.db", rig.key, SystemClock(), read_only=True) as journal:
        written = [(record.sequence, record.body, record.picture) for record in journal.after(-1, 1_000_000)]
    with closing(sqlite3.connect(rig.db)) as db:
        assert db.execute("select sequence, body, picture from records order by sequence").fetchall() == written
        assert db.execute("select count(*) from refusals").fetchone() == (0,)
        assert db.execute("select count(*) from forks").fetchone() == (0,)
    assert rig.held() == rig.journal_head()
    code, out, _ = finish(rig.command("lapel.cli.main", "audit", "verify", "--state", rig.state))
    assert code == 0, out
