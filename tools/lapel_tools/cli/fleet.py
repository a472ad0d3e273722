"""``lapel-admin fleet status``: how each device stands, by what the station holds of it."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from lapel.core.wipes import WipeOrder
from lapel.errors import UsageError
from lapel.store.atomic import write_whole
from lapel.store.choosing import LISTS, signed_manifest
from lapel.store.withdrawal_terms import wipes_in
from lapel_tools.authority.devices import Device, read_devices
from lapel_tools.authority.folder import AuthorityFolder, Current
from lapel_tools.cli.administrator import now
from lapel_tools.cli.appraised import check_page_place
from lapel_tools.cli.database import add_database_option
from lapel_tools.station.fleet import Expectation, fleet_status
from lapel_tools.station.fleet_page import fleet_facts, fleet_lines, fleet_page
from lapel_tools.station.holdings import Holdings, existing

HELP = "show how each device stands: its list, what it refused, when it was heard, what waits on it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare status."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="status")
    said = (
        "How each device stands, by the records that the station holds: when it was heard, which list it has, what "
        "became of the last one offered, what it withdrew, whether it was wiped where that was ordered, whether its "
        "lease lapsed or nearly has, whether heat or supply has it do less, and whether its clock can be believed. "
        "Exit 1 where one is to be looked after. How many records wait on a device is told as of when it last said how "
        "many it has, which it does when it connects and as its records come; unknown where it never did. Its battery "
        "it shows on the officer's phone, and tells no station: unknown."
    )
    parser.description = said
    status = actions.add_parser("status", help="every device", description=said)
    add_database_option(status)
    add_expectation_options(status)
    status.add_argument("--html", type=Path, metavar="PAGE", help="write a page")
    status.add_argument("--json", action="store_true", help="print it as one JSON object")


def add_expectation_options(parser: argparse.ArgumentParser) -> None:
    """Declare what says how a fleet should be."""
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help="the authority's folder: which devices and versions there should be"
    )
    parser.add_argument(
        "--silent-hours", type=float, default=24.0, metavar="H", help="not heard for so long is a finding (%(default)g)"
    )


def run(args: argparse.Namespace) -> int:
    """Show it. Raises: UsageError, Refused, StoreError."""
    check_page_place(args.html)
    expected = expected_from(args)
    with closing(Holdings(existing(args.db))) as register:
        fleet = fleet_status(register, expected)
    if args.html is not None:
        made_at = f"{expected.now:%Y-%m-%d %H:%M} UTC"
        write_whole(args.html, [fleet_page(fleet, made_at).encode("utf-8", "replace")])
    if args.json:
        print(json.dumps(fleet_facts(fleet), ensure_ascii=False))
    else:
        print(*fleet_lines(fleet), sep="\n")
    return 1 if any(each.findings for each in fleet) else 0


def expected_from(args: argparse.Namespace) -> Expectation:
    """How the fleet should be at this moment. Raises: UsageError, Refused, StoreError."""
    if not 0 < args.silent_hours < 24 * 366:
        raise UsageError(f"--silent-hours {args.silent_hours:g}: give more than 0, at most a year")
    silent = timedelta(hours=args.silent_hours)
    if args.dir is None:
        return Expectation(now(), silent, {}, {})
    if not args.dir.is_dir():
        raise UsageError(f"--dir {args.dir}: there is no such folder; name the authority's")
    authority = AuthorityFolder(args.dir)
    current = authority.current()
    targets = current.targets.signed.targets
    lists = [
        signed_manifest(each, authority.public.manifest) for path, each in targets.items() if path.startswith(LISTS)
    ]
    devices = read_devices(authority.path)
    versions = {each.list_id: each.version for each in lists}
    leases = {each.list_id: each.lease_hours for each in lists}
    groups = {each.name: each.group for each in devices}
    return Expectation(now(), silent, groups, versions, _orders(current, devices), leases)


def _orders(current: Current, devices: tuple[Device, ...]) -> tuple[WipeOrder, ...]:
    """Those of devices that were not set up again since: what was ordered of an older key is done with."""
    keys = {each.name: each.sealing for each in devices}
    return tuple(
        each for each in wipes_in(current.withdrawals.signed) if keys.get(each.device, each.sealing) == each.sealing
    )
