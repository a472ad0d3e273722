"""``lapel-admin device``: which devices lists are sealed for, and which may connect."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
from dataclasses import asdict
from pathlib import Path

from lapel.cli.endpoint import DEFAULT_PORT, host_and_port
from lapel.errors import BrokerUnreachable, UsageError
from lapel_tools.authority.devices import (
    Device,
    read_device,
    read_devices,
    with_device,
    without_device,
    write_devices,
)
from lapel_tools.broker.certificates import Authority, read_certificate
from lapel_tools.broker.ending import end_sessions, probe, wait_until_refused
from lapel_tools.broker.revoking import is_revoked, revoke, serials_of
from lapel_tools.cli.administrator import add_folder_option, folder_from
from lapel_tools.cli.certificates import FOLDER, add_certificates_options, certificates_from

HELP = "list a device and certify it, revoke one, or show which are listed"

_DESCRIPTION = f"""\
Each list is sealed for the devices of its groups. A device is described by the file that lapel watchlist trust writes
on it; its private keys stay there. Adding or revoking one acts with the next proposal (lapel-admin propose --again).

Where the site has a certificate authority (lapel-admin authority certificates), add issues the device's certificate, by
which the broker knows it and gives it its own topics. revoke puts that certificate on the list of those that count no
more; with --broker it waits until the broker refuses it, and ends the sessions that the device has there. The broker
has to read the list anew for that: --reload says how, where nothing else does. {FOLDER}/crl.pem is its crlfile."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare add, revoke and list."""
    parser.description = _DESCRIPTION
    actions = parser.add_subparsers(dest="action", required=True, metavar="add|revoke|list")
    add = actions.add_parser("add", help="list a device, and certify it")
    add.add_argument("device", type=Path, metavar="FILE", help="what lapel watchlist trust wrote")
    add.add_argument(
        "--replace", action="store_true", help="it is listed: it has new keys, or its certificate is to be renewed"
    )
    taken = actions.add_parser("revoke", help="seal nothing more for a device, and keep it off the broker")
    taken.add_argument("device", metavar="NAME", help="its name")
    taken.add_argument(
        "--broker", metavar="HOST[:PORT]", help=f"see it refused and its sessions ended (default port {DEFAULT_PORT})"
    )
    taken.add_argument(
        "--reload", metavar="COMMAND", help='makes the broker read crl.pem again: "systemctl reload mosquitto"'
    )
    show = actions.add_parser("list", help="show the devices, and until when their certificates count")
    show.add_argument("--json", action="store_true", help="for a machine to read")
    for action in (add, taken, show):
        add_folder_option(action)
        add_certificates_options(action)


def run(args: argparse.Namespace) -> int:
    """Do what is asked. Raises: UsageError, ConfigError, WrongKey, StoreError, BrokerUnreachable, BrokerRefused."""
    folder: Path = folder_from(args).path
    {"add": _add, "revoke": _revoke, "list": _list}[args.action](args, folder)
    return 0


def _add(args: argparse.Namespace, folder: Path) -> None:
    device, request = read_device(args.device)
    listed = with_device(read_devices(folder), device, args.replace)
    authority = certificates_from(args) if request else None
    certificate = _certified(authority, device.name, request) if authority else None
    write_devices(folder, listed)
    print(f"{device.name}: listed, of group {device.group}, key {device.sealing[:16]}")
    if certificate and authority:
        print(f"{certificate}: bring it to the device, with {authority.certificate}")


def _certified(authority: Authority, name: str, request: bytes) -> Path:
    path = authority.issued(name)
    before = read_certificate(path) if path.exists() else None
    certificate = authority.certify(request, name)
    if before is not None and before.public_key() != read_certificate(certificate).public_key():
        revoke(authority, serials_of(authority, name) - {read_certificate(certificate).serial_number})
    return certificate


def _revoke(args: argparse.Namespace, folder: Path) -> None:
    place = host_and_port(args.broker) if args.broker else None
    if args.reload is not None and (place is None or not args.reload.strip()):
        raise UsageError(f"--reload {args.reload!r}: give a command, and --broker, which sees that it was heeded")
    devices = read_devices(folder)
    authority = certificates_from(args)
    serials = serials_of(authority, args.device) if authority else frozenset()
    if place and not serials:
        raise UsageError(f"device {args.device}: has no certificate in {folder / FOLDER}; name its --certificates")
    if not serials or any(each.name == args.device for each in devices):
        write_devices(folder, without_device(devices, args.device))
        print(f"{args.device}: revoked; lapel-admin propose --again takes its lists from it")
    if not (authority and serials):
        return
    if place is None:
        revoke(authority, serials)
        print(f"{authority.crl}: its certificate is revoked, and refused once the broker has read this again")
        print("What it has open at the broker stays open; --broker ends it")
        return
    with probe(authority, *place) as made:
        revoke(authority, serials | {made.serial})
        print(f"{authority.crl}: its certificate is revoked", flush=True)
        _reload(args.reload)
        wait_until_refused(made.revoked)
        end_sessions(made.good, args.device)
    print(f"{args.broker}: refuses it, and has ended its sessions")


def _reload(command: str | None) -> None:
    if command is None:
        return
    try:
        done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"--reload {command}: cannot be run ({error}); then revoke again") from error
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[:200] or "it said nothing"
        raise BrokerUnreachable(f"--reload {command}: exit code {done.returncode}: {said}; then revoke again")


def _list(args: argparse.Namespace, folder: Path) -> None:
    authority = Authority(args.certificates or folder / FOLDER)
    devices = read_devices(folder)
    if args.json:
        print(json.dumps([asdict(each) | {"certificate": _standing(authority, each)} for each in devices], indent=1))
        return
    for each in devices:
        print(f"{each.name:<20} {each.group:<20} {each.sealing[:16]} {_standing(authority, each) or 'no certificate'}")


def _standing(authority: Authority, device: Device) -> str:
    """Until when its certificate counts; empty where it has none."""
    path = authority.issued(device.name)
    if not path.exists():
        return ""
    return "revoked" if is_revoked(authority, device.name) else f"{read_certificate(path).not_valid_after_utc:%Y-%m-%d}"
