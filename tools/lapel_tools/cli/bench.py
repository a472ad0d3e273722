"""``lapel-admin bench``: how fast records reach a station, and how a long watch fares."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from lapel.errors import HardwareError, UsageError
from lapel_tools.bench.drain import measure_drain
from lapel_tools.bench.fleet import Load, measure_fleet
from lapel_tools.broker.mosquitto import INSTALL
from lapel_tools.broker.mosquitto import program as mosquitto
from lapel_tools.progress import BarOnStderr

HELP = "measure how fast records reach a station, and how a long watch fares"
MOST_RECORDS = 1_000_000
LEAST_FRAMES = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the parts and their arguments."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="drain|fleet|soak")
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
    soak = parts.add_parser("soak", help="a long watch: growth of memory and handles, frames, signs of life")
    soak.description = (
        "Runs lapel run over recorded clips in a loop, in real time, with the demo's list, and reads from outside how "
        "its memory grows (a line by least squares, after a fifth of the time), handles and threads, how long no sign "
        "of life came, and whether each frame was looked at or counted as dropped. Exit 1 where memory grows by more "
        "than 1 MiB in 10,000 frames, handles or threads grow, a frame is in no count, or systemd would have ended it. "
        "100,000 frames take 67 minutes at 25 a second, and 600 MB of disk."
    )
    soak.add_argument("--source", type=Path, nargs="+", metavar="FILE", help="clips (default: the demo's street clip)")
    soak.add_argument("--frames", type=int, default=100_000, metavar="N", help="how many (default %(default)s)")
    soak.add_argument(
        "--every-frame", action="store_true", help="lapel replay instead: on a machine that cannot keep up"
    )
    soak.add_argument("--dir", type=Path, metavar="DIR", help="where it keeps its files (default: a temporary folder)")
    soak.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Measure, print, and return the exit code: 1 where anything was lost or doubled, or grew."""
    if args.part == "soak":
        return _soak(args)
    if mosquitto() is None:
        raise HardwareError(f"mosquitto: not installed on this machine; {INSTALL}")
    return _fleet(args) if args.part == "fleet" else _drain(args)


class _Tenths:
    """Says at each tenth of the frames how far it has come."""

    def __init__(self, frames: int) -> None:
        self._frames, self._next = frames, 1

    def __call__(self, done: int) -> None:
        while done * 10 >= self._next * self._frames:
            print(f"lapel-admin: {self._next * 10}% of {self._frames} frames", file=sys.stderr)
            self._next += 1


def _soak(args: argparse.Namespace) -> int:
    # What enrols and films is loaded only now.
    from lapel_tools.bench.soak import measure_soak
    from lapel_tools.demo.fetch import clip_path, street_clip

    if not LEAST_FRAMES <= args.frames <= MOST_RECORDS:
        raise UsageError(f"--frames {args.frames}: give {LEAST_FRAMES} to {MOST_RECORDS}")
    with _passing_folder("lapel-soak-", args.dir) as folder:
        street, told = street_clip(clip_path()), _Tenths(args.frames)
        soaked = measure_soak(Path(folder), street, args.source or [street], args.frames, not args.every_frame, told)
    if args.json:
        print(json.dumps(asdict(soaked)))
        return 1 if soaked.findings else 0
    (line, rss, handles, threads) = soaked.rss_line, soaked.rss_mib, soaked.handles, soaked.threads
    print(f"frames        {soaked.frames}, {soaked.looked_at} looked at, {soaked.dropped} dropped and counted")
    print(f"time          {soaked.seconds:.0f} s, the first frame looked at after {soaked.start_s:.1f} s")
    print(
        f"memory        {rss[0]:.1f} MiB, at the end {rss[1]:.1f}; "
        f"{line.a_10000:+.2f} ± {line.error:.2f} MiB in 10,000 frames"
    )
    print(f"handles       {handles[0]:g}, at the end {handles[1]:g}; threads {threads[0]:g}, at the end {threads[1]:g}")
    print(f"signs of life {soaked.beats}, at most {soaked.longest_gap_s:.2f} s apart; {soaked.alerts} alerts")
    for text in soaked.findings:
        print(f"FINDING       {text}")
    return 1 if soaked.findings else 0


def _passing_folder(prefix: str, where: Path | None) -> tempfile.TemporaryDirectory[str]:
    if where is not None and not where.is_dir():
        raise UsageError(f"--dir {where}: no such folder; make it, or leave the option out")
    return tempfile.TemporaryDirectory(prefix=prefix, dir=where)


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
    with _passing_folder("lapel-drain-", args.dir) as folder:
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
