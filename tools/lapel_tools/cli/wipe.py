"""``lapel-admin wipe``: has a device that is lost destroy its keys, and with them all that it holds."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from lapel.errors import UsageError
from lapel_tools.authority.pinned import hold_to
from lapel_tools.authority.wiping import device_named, order_wipe
from lapel_tools.cli.administrator import (
    add_administrator_options,
    add_folder_option,
    administrator_from,
    folder_from,
    now,
)

HELP = "order a lost device to destroy its keys, list, records and clips, for good"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Order one device to be wiped. One signature is enough, since it only takes away, and since a lost device does "
        "not wait for a second administrator; it is published at once, and every other administrator sees it "
        "(authority status). It is made out to the key of the device as it is listed: no other device obeys it, nor "
        "this one once it was set up again.\n\nPush it (lapel-admin push) and leave it there: a device that is away "
        "obeys as soon as it is back. It falls silent at once, tells the station and sends what that lacks, for half a "
        "minute at most, and destroys its keys; lapel-admin fleet status says that it began. Records that never "
        "reached the station, and clips, are gone then. Revoke the device afterwards (lapel-admin device revoke): whom "
        "the broker refuses no order reaches."
    )
    parser.add_argument("device", metavar="DEVICE", help="its name, as lapel-admin device list shows it")
    add_folder_option(parser)
    add_administrator_options(parser)
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; the device says it from then on")
    parser.add_argument("--json", action="store_true", help="print the order as JSON")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises: UsageError, ConfigError, Refused, StoreError."""
    authority = folder_from(args)
    device = device_named(authority, args.device)
    administrator = administrator_from(args)
    if not args.yes and not _is_confirmed(device.name):
        raise UsageError("not confirmed; nothing was ordered")
    hold_to(args.key, authority)
    with authority.alone():
        order = order_wipe(authority, administrator, device, args.reason, now())
    if args.json:
        print(json.dumps(asdict(order), ensure_ascii=False))
        return 0
    print(f"{order.device}: ordered to be wiped by {order.by}, published; next: lapel-admin push --dir {args.dir}")
    return 0


def _is_confirmed(name: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked; --yes orders it without")
    return input(f"Have {name} destroy its keys, list, records and clips? Type its name: ").strip() == name
