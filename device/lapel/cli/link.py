"""``lapel link``: sends the journal to the station and takes published lists, in a process of its own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from threading import Event

from lapel.cli.endpoint import add_broker_options, endpoint_from
from lapel.cli.keys import DEFAULT_STATE, add_key_options, add_state_option, device_keys, key_file_of
from lapel.cli.main import LOCKED
from lapel.config.site import Site, load_site
from lapel.errors import ConfigError, DeviceLocked, UsageError
from lapel.health.clock import SystemClock
from lapel.health.log import Log
from lapel.link.endpoint import Endpoint
from lapel.link.sync import WINDOW, Sender
from lapel.store.pieces import QUOTA_BYTES
from lapel.wiring.handover import DEFAULT_DEVICE
from lapel.wiring.lent_keys import REMEDY, unlocked_link
from lapel.wiring.link import Drained, LinkPlan, drain_once, site_endpoint, stay_linked
from lapel.wiring.link_lists import ListPlan
from lapel.wiring.ordered_wipe import obey_order

NAME = "link"
HELP = "send the journal's records to the station, and take the lists that are published"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Sends what the journal holds to the station, over MQTT 5 with mutual TLS, and goes on sending what comes. "
        "A record counts as sent when the station itself has said, after its commit, that it holds it. Without a "
        "broker or a station records wait. A device that trusts an authority (lapel watchlist trust) takes what is "
        "published for it as well: withdrawals at once, of a list only the pieces that it lacks, checked like an "
        "import by hand; whatever cuts that off, it goes on from there. What became of it is a record: applied, stale "
        "or refused, and why. Where an administrator ordered this device to be wiped, the station is told, and "
        "sent what it lacks for 30 s at most; then keys, list, records and clips are destroyed (exit 5)."
    )
    add_state_option(parser, default=None)
    add_key_options(parser)
    parser.add_argument("--site", type=Path, metavar="FILE", help="site file with the device, its state and the broker")
    add_broker_options(parser)
    parser.add_argument(
        "--device", metavar="NAME", help=f"this device, as its certificate names it (default {DEFAULT_DEVICE})"
    )
    parser.add_argument("--window", type=int, default=WINDOW, metavar="N", help=f"records under way (default {WINDOW})")
    parser.add_argument("--list", metavar="NAME", help="which list to take, where several are for this device's group")
    parser.add_argument(
        "--lists-mib",
        type=int,
        default=QUOTA_BYTES >> 20,
        metavar="N",
        help="how much is kept of what travels, so that the next version is short (default %(default)s)",
    )
    parser.add_argument(
        "--once", action="store_true", help="take and send what waits, then exit; trouble is an exit code"
    )
    parser.add_argument("--json", action="store_true", help="say what was sent as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    site = load_site(args.site) if args.site else None
    plan = _plan(args, site)
    args.state = plan.state
    keys, notes, is_locked = device_keys(args, site), Log(sys.stderr, SystemClock()), False
    try:
        if args.once:
            drained = drain_once(plan, keys, notes)
        else:
            stop = Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
            with unlocked_link(keys, stop, lambda: notes.event("locked", remedy=REMEDY)) as locked:
                drained = Drained(0, 0, 0, 0.0) if stop.is_set() else stay_linked(plan, keys, notes, stop)
            is_locked = locked.is_set()
    except DeviceLocked:
        if args.once:
            raise
        return LOCKED
    finally:
        obey_order(plan.state, keys, key_file_of(args))
    if args.json:
        print(json.dumps(asdict(drained)))
    else:
        print(f"{drained.sent} records sent and acknowledged by the station, {drained.waiting} waiting")
    return LOCKED if is_locked else 0


def _plan(args: argparse.Namespace, site: Site | None) -> LinkPlan:
    if args.window < 1:
        raise UsageError(f"--window {args.window}: at least one record must be under way")
    if args.lists_mib < 1:
        raise UsageError(f"--lists-mib {args.lists_mib}: no list fits; give at least 1")
    name = args.site_name or (site.device.site if site else None)
    device = args.device or (site.device.name if site else DEFAULT_DEVICE)
    if not name:
        raise UsageError("--site-name: missing; give it, or --site FILE")
    state = args.state or (site.state.folder if site else DEFAULT_STATE)
    is_named = any((args.broker, args.ca, args.cert, args.key))
    endpoint = endpoint_from(args) if is_named or site is None else _site_endpoint(args.site, site)
    return LinkPlan(state, endpoint, Sender(name, device), args.window, lists=ListPlan(args.list, args.lists_mib << 20))


def _site_endpoint(path: Path, site: Site) -> Endpoint:
    endpoint = site_endpoint(site)
    if endpoint is None:
        raise ConfigError(f"{path}: broker.host: missing; name the broker that leads to the station")
    return endpoint
