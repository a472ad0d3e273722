"""``lapel-admin station alarms``: shows what somebody must look into, and settles it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

from lapel.cli.words import few_words
from lapel.errors import UsageError
from lapel.health.clock import SystemClock
from lapel_tools.cli.database import add_database_option
from lapel_tools.station.alarms import Raised, Settled
from lapel_tools.station.holdings import Holdings, existing
from lapel_tools.station.register import Register

ALARMS_HELP = "show open and settled alarms, settle one"


def configure_alarms(alarms: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    alarms.description = (
        "Shows what somebody must look into of each device, and what was settled, by whom and why; exit 1 where one is "
        "open. --settle says that one was looked into: fleet status and console then tell of it no more as open, it is "
        "kept, and the next of its kind is open again."
    )
    add_database_option(alarms)
    alarms.add_argument("--settle", nargs=2, metavar=("DEVICE", "ALARM"), help="as in: --settle cam-1 flood")
    alarms.add_argument("--by", type=few_words, metavar="NAME", help="who looked into it")
    alarms.add_argument("--why", type=few_words, metavar="TEXT", help="why it is done with")
    alarms.add_argument("--json", action="store_true", help="show as one JSON object")


def run_alarms(args: argparse.Namespace) -> int:
    """Do it, and return the exit code. Raises: UsageError, StoreError."""
    is_told = args.by is not None and args.why is not None
    if (args.settle is not None) != is_told or (args.by is None) != (args.why is None):
        raise UsageError("--settle, --by, --why: give all three to settle an alarm, none to show them")
    if args.settle is not None:
        _settle(args)
    with closing(Holdings(existing(args.db))) as held:
        raised, settled = held.alarms(), held.settled()
    if args.json:
        open_ones = [asdict(each) for each in raised]
        print(json.dumps({"open": open_ones, "settled": [_facts(each) for each in settled]}, ensure_ascii=False))
    else:
        print(*_lines(raised, settled), sep="\n")
    return 1 if raised and args.settle is None else 0


def _settle(args: argparse.Namespace) -> None:
    device, alarm = args.settle
    with closing(Register(existing(args.db), SystemClock())) as register:
        if not register.settle(device, alarm, args.by, args.why):
            there = ", ".join(f"{each.device} {each.alarm}" for each in register.alarms()) or "none"
            raise UsageError(f"--settle {device} {alarm}: no such alarm is open; open are: {there}")


def _facts(settled: Settled) -> dict[str, object]:
    return asdict(settled.raised) | {"settled_at": settled.at, "who": settled.who, "why": settled.why}


def _lines(raised: tuple[Raised, ...], settled: tuple[Settled, ...]) -> Iterator[str]:
    yield f"{len(raised)} open, {len(settled)} settled"
    yield from (f"open: {_line(each)}" for each in raised)
    yield from (f"settled {each.at[:16]} by {each.who} ({each.why}): {_line(each.raised)}" for each in settled)


def _line(raised: Raised) -> str:
    times = f"{raised.count} times, " if raised.count > 1 else ""
    return f"{raised.device or '(no device)'} {raised.alarm}, {times}last {raised.last_at[:16]}: {raised.detail}"
