"""``lapel-admin station purge|backup|restore|alarms``: looks after what a station holds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lapel.cli.words import few_words
from lapel.errors import UsageError
from lapel.health.clock import SystemClock
from lapel_tools.cli.database import add_database_option
from lapel_tools.cli.station_alarms import ALARMS_HELP, configure_alarms, run_alarms
from lapel_tools.station.backup import back_up, restore
from lapel_tools.station.holdings import existing
from lapel_tools.station.purging import Order, What, purge

_TOLD_EVERY = 50_000
_MOST_DAYS = 36_500.0


def configure_care(parser: argparse.ArgumentParser) -> None:
    """Declare purge, backup, restore and alarms."""
    actions = parser.add_subparsers(dest="action", metavar="purge|backup|restore|alarms")
    said = (
        "Removes pictures, or the records that hold positions, which came so many days ago or earlier. Their hashes "
        "stay, so the trees verify; what was removed, by whom and why is kept, and shown by --list. Run it daily: a "
        "station goes on meanwhile, and what has nothing to be removed is not read."
    )
    removal = actions.add_parser("purge", help="remove old pictures and positions", description=said)
    add_database_option(removal)
    removal.add_argument("--pictures-days", type=float, metavar="N", help="remove pictures from N days ago and earlier")
    removal.add_argument("--positions-days", type=float, metavar="N", help="remove records with a position, likewise")
    removal.add_argument("--by", required=True, type=few_words, metavar="NAME", help="who does it")
    removal.add_argument("--why", required=True, type=few_words, metavar="TEXT", help="what for")
    said = (
        "Writes what a station holds into a file while stations go on, all of one moment. The file is a station's "
        "SQLite file, which every command reads. Trees are verified on the way. Keep the station's --witness-key, too."
    )
    kept = actions.add_parser("backup", help="write all of it into a file", description=said)
    add_database_option(kept)
    kept.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file")
    said = (
        "Puts a backup into a database that holds nothing: a new SQLite file, or PostgreSQL. Devices then send again "
        "what they sent since, as far as they have it."
    )
    back = actions.add_parser("restore", help="put a backup into an empty database", description=said)
    add_database_option(back)
    back.add_argument("backup", type=Path, metavar="FILE", help="what backup wrote")
    configure_alarms(actions.add_parser("alarms", help=ALARMS_HELP))


def run_care(args: argparse.Namespace) -> int:
    """Do it, and return the exit code. Raises: UsageError, Tampered, StoreError."""
    if args.action == "alarms":
        return run_alarms(args)
    {"purge": _purge, "backup": _back_up, "restore": _restore}[args.action](args)
    return 0


def _purge(args: argparse.Namespace) -> None:
    wanted = {What.PICTURES: args.pictures_days, What.POSITIONS: args.positions_days}
    orders = [Order(what, days, args.by, args.why) for what, days in wanted.items() if days is not None]
    if not orders:
        raise UsageError("--pictures-days, --positions-days: both missing; say what is to be removed")
    for order in orders:
        if not 0 <= order.days <= _MOST_DAYS:
            raise UsageError(f"--{order.what.value}-days {order.days:g}: give 0 to {_MOST_DAYS:g}")
    for order in orders:
        removed = purge(existing(args.db), order, SystemClock(), _told)
        print(f"{order.what.value} of {removed} records removed")


def _back_up(args: argparse.Namespace) -> None:
    count = back_up(existing(args.db), args.out, _told)
    print(f"{args.out}: {count} records, each device's tree verified")


def _restore(args: argparse.Namespace) -> None:
    print(f"{restore(args.backup, args.db, _told)} records restored, each device's tree verified")


def _told(count: int) -> None:
    if count % _TOLD_EVERY == 0:
        print(f"{count} records …", file=sys.stderr)
