"""``lapel-admin station``: receives what a site's devices record."""

from __future__ import annotations

import argparse
import random
import signal
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event

from lapel.cli.endpoint import add_broker_options, endpoint_from
from lapel.errors import UsageError
from lapel.health.clock import SystemClock
from lapel.health.log import Log
from lapel.link.keep import keep_linked
from lapel.link.mqtt import Terms, open_line
from lapel.link.topics import checked_name, every_events_topic, shared_events_topic
from lapel_tools.cli.database import add_database_option
from lapel_tools.cli.station_care import configure_care, run_care
from lapel_tools.station.cosigning import Cosigner, cosigner_at
from lapel_tools.station.database import is_url
from lapel_tools.station.holdings import Holdings, existing
from lapel_tools.station.register import Register
from lapel_tools.station.service import WINDOW, Station
from lapel_tools.station.serving import address_of, served
from lapel_tools.station.show import as_json, as_text

NAME = "station"
HELP = "receive and keep the records of a site's devices, purge, back up, restore, settle alarms"
_SHOWN = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Receives what the devices of a site record into a SQLite file or a PostgreSQL database, checks every record "
        "against its hash, keeps each device's order, and acknowledges after its commit, with the Merkle root of what "
        "it holds. With --worker several of them share the work; they need one database, best PostgreSQL."
    )
    add_database_option(parser, is_required=False)
    configure_care(parser)
    add_broker_options(parser)
    parser.add_argument(
        "--worker", metavar="NAME", help="one of several that share a site's messages; a name that no other worker has"
    )
    parser.add_argument(
        "--witness-key",
        type=Path,
        metavar="FILE",
        help="key with which the station signs what devices signed, made where there is none, one for all workers "
        "(default: beside a SQLite file, FILE.witness; with PostgreSQL none, and then nothing is witnessed)",
    )
    parser.add_argument(
        "--metrics",
        metavar="PORT",
        help="serve /metrics for Prometheus and /health there, on the loopback; or HOST:PORT",
    )
    parser.add_argument(
        "--list",
        type=int,
        nargs="?",
        const=_SHOWN,
        metavar="N",
        help=f"show devices and newest records ({_SHOWN}), exit",
    )
    parser.add_argument("--json", action="store_true", help="show as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Do it, and return the exit code: 1 where a device's history has a fork."""
    if args.db is None:
        raise UsageError("--db: missing; name the station's database")
    if args.action is not None:
        return run_care(args)
    if args.list is not None:
        return _show(args)
    clock = SystemClock()
    if not args.site_name:
        raise UsageError("--site-name: missing; name the site whose devices are to be received")
    endpoint = endpoint_from(args)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    notes = Log(sys.stderr, clock)
    with closing(Register(args.db, clock)) as register, ExitStack() as stack:
        cosigner = _cosigner(args)
        if cosigner is None:
            notes.event("no_witness", why="--witness-key is missing")
        station = Station(register, args.site_name, notes, args.worker is not None, cosigner)
        if args.metrics:
            port = stack.enter_context(served(address_of(args.metrics), station.meters))
            notes.event("metrics", port=port)
        terms = _terms(args.site_name, args.worker)
        keep_linked(lambda: open_line(endpoint, terms), station, stop, notes, random.random)
    print(f"{station.done} records kept, {station.duplicates} came again, {station.refused} messages refused")
    return 0


def _cosigner(args: argparse.Namespace) -> Cosigner | None:
    if args.witness_key is not None:
        return cosigner_at(args.witness_key, args.site_name)
    return None if is_url(args.db) else cosigner_at(Path(f"{args.db}.witness"), args.site_name)


def _terms(site: str, worker: str | None) -> Terms:
    # No session: what came while the station was away is sent again by the devices, which keep it anyway.
    if worker is None:
        return Terms(f"lapel-station-{site}", every_events_topic(site), WINDOW, settles=True)
    name = checked_name("--worker", worker)
    return Terms(f"lapel-station-{site}-{name}", shared_events_topic(site), WINDOW, settles=True)


def _show(args: argparse.Namespace) -> int:
    with closing(Holdings(existing(args.db))) as register:
        if args.json:
            print(as_json(register, args.list))
        else:
            print(*as_text(register, args.list), sep="\n")
        return 1 if any(standing.open_forks for standing in register.standings()) else 0
