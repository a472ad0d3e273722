"""``lapel-admin device``: which devices lists are sealed for."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from lapel_tools.authority.devices import read_device, read_devices, with_device, without_device, write_devices
from lapel_tools.cli.administrator import add_folder_option, folder_from

HELP = "list a device, revoke one, or show which are listed"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare add, revoke and list."""
    parser.description = (
        "Each list is sealed for the devices of its groups. A device is described by the file that lapel watchlist "
        "trust writes on it. Adding or revoking one acts with the next proposal (lapel-admin propose --again)."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="add|revoke|list")
    add = actions.add_parser("add", help="list a device")
    add.add_argument("device", type=Path, metavar="FILE", help="what lapel watchlist trust wrote")
    add.add_argument("--replace", action="store_true", help="the device has a new key")
    revoke = actions.add_parser("revoke", help="seal nothing more for a device")
    revoke.add_argument("device", metavar="NAME", help="its name")
    show = actions.add_parser("list", help="show the devices")
    show.add_argument("--json", action="store_true", help="for a machine to read")
    for action in (add, revoke, show):
        add_folder_option(action)


def run(args: argparse.Namespace) -> int:
    """Do what is asked. Raises: UsageError, ConfigError, StoreError."""
    folder: Path = folder_from(args).path
    devices = read_devices(folder)
    if args.action == "add":
        device = read_device(args.device)
        write_devices(folder, with_device(devices, device, args.replace))
        print(f"{device.name}: listed, of group {device.group}, key {device.sealing[:16]}")
    elif args.action == "revoke":
        write_devices(folder, without_device(devices, args.device))
        print(f"{args.device}: revoked; lapel-admin propose --again takes its lists from it")
    elif args.json:
        print(json.dumps([asdict(each) for each in devices], indent=1))
    else:
        for each in devices:
            print(f"{each.name:<20} {each.group:<20} {each.sealing[:16]}")
    return 0
