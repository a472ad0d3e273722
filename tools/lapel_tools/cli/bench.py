"""``lapel-admin bench``: how fast records reach a station."""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from lapel.errors import HardwareError, UsageError
from lapel_tools.bench.drain import measure_drain
from lapel_tools.bench.fleet import Load, measure_fleet
from lapel_tools.broker.mosquitto import INSTALL
from lapel_tools.broker.mosquitto import program as mosquitto
from lapel_tools.progress import BarOnStderr

HELP = "measure how fast records reach a station"
MOST_RECORDS = 1_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the parts and their arguments."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="drain|fleet")
    drain = parts.add_parser("drain", help="a journal to a station, beside clients that send one record at a time")
    drain.description = (
        "Fills a sealed journal, and drains it over MQTT 5 with mutual TLS to a station on this machine: "
        "ours; the naive client, which takes one record at a time from an SQLite outbox (synchronous=FULL) and deletes "
        "it when the station has said, after its commit, that it holds it; and one that deletes it when the broker has "
        "answered, and so loses what a broker loses. In turn, each with a broker and a station of its own. Says the "
        "medians in records a second, and what of ours the station's files lack or hold twice. Needs mosquitto. 10,000 "
        "records take three minutes on two idle cores."
    )
    drain.add_argument("--records", type=int, default=10_000, metavar="N", help="how many (default %(default)s)")
    drain.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each (default %(default)s)")
    drain.add_argument("--dir", type=Path, metavar="DIR", help="a folder on the disk to measure (default: a temporary)")
    drain.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    fleet = parts.add_parser("fleet", help="many simulated devices at once to a station of several workers")
    fleet.description = (
        "Connects simulated devices, each with its own certificate, to a mosquitto on this machine and a station of "
        "several workers. Each sends as fast as it is acknowledged, then all together at a pace. Says records a "
        "second, how long a device waits for the ack after the station's commit, memory, and what was lost. All of it "
        "shares this machine's processors. 1,000 devices take some minutes on two cores."
    )
    fleet.add_argument(
        "--db", metavar="URL", help="an empty PostgreSQL database, postgresql://USER@HOST/DATABASE (default: SQLite)"
    )
    fleet.add_argument("--devices", type=int, default=1000, metavar="N", help="how many (default %(default)s)")
    fleet.add_argument("--workers", type=int, default=2, metavar="N", help="how many (default %(default)s)")
    fleet.add_argument("--records", type=int, default=10, metavar="N", help="of each device (default %(default)s)")
    fleet.add_argument("--pace", type=float, default=100.0, metavar="N", help="records a second (default %(default)g)")
    fleet.add_argument("--pace-s", type=float, default=20.0, metavar="S", help="so long (default %(default)g)")
    fleet.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Measure, print, and return the exit code: 1 where anything was lost or doubled."""
    if mosquitto() is None:
        raise HardwareError(f"mosquitto: not installed on this machine; {INSTALL}")
    return _fleet(args) if args.part == "fleet" else _drain(args)


def _fleet(args: argparse.Namespace) -> int:
    for name in ("devices", "workers", "records", "pace", "pace_s"):
        if not 0 < getattr(args, name) <= MOST_RECORDS:
            raise UsageError(f"--{name.replace('_', '-')} {getattr(args, name):g}: give more than 0")
    load = Load(args.devices, args.workers, args.records, args.pace, args.pace_s)
    with tempfile.TemporaryDirectory(prefix="lapel-fleet-") as folder:
        figures = measure_fleet(Path(folder), load, args.db or Path(folder) / "station.db")
    if args.json:
        print(json.dumps(asdict(figures)))
    else:
        print(*(f"{name:<22} {value}" for name, value in asdict(figures).items()), sep="\n")
    return 1 if figures.lost else 0


def _drain(args: argparse.Namespace) -> int:
    if not 1 <= args.records <= MOST_RECORDS:
        raise UsageError(f"--records {args.records}: give 1 to {MOST_RECORDS}")
    if args.rounds < 1:
        raise UsageError(f"--rounds {args.rounds}: give at least 1")
    if args.dir is not None and not args.dir.is_dir():
        raise UsageError(f"--dir {args.dir}: no such folder; make it, or leave the option out")
    with tempfile.TemporaryDirectory(prefix="lapel-drain-", dir=args.dir) as folder:
        drained = measure_drain(Path(folder), args.records, args.rounds, BarOnStderr())
    if args.json:
        print(json.dumps(asdict(drained)))
    else:
        ratio = drained.ours_per_s / drained.naive_per_s
        print(f"records       {drained.records}, {args.rounds} rounds; a second, acknowledged by the station:")
        print(f"ours          {drained.ours_per_s:.0f}, {ratio:.1f} times the naive client")
        print(f"naive         {drained.naive_per_s:.0f}")
        print(f"broker only   {drained.broker_only_per_s:.0f}, answered by the broker, which may lose them")
        print(f"the station   lacks {drained.lost}, holds {drained.duplicated} more than once")
    return 1 if drained.lost or drained.duplicated else 0
