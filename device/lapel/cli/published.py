"""``lapel watchlist trust`` and ``import`` of a published folder: lists that several administrators signed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lapel.cli.brought import brought_folder, brought_root
from lapel.cli.keys import key_file_of, keys_from
from lapel.cli.progress import shown_on_stderr
from lapel.errors import Refused, StoreError, UsageError
from lapel.health.clock import SystemClock
from lapel.link.topics import checked_device, checked_name
from lapel.store.atomic import discard, write_whole
from lapel.store.keys import KEY_FILE
from lapel.store.link_key import LINK_KEY
from lapel.store.pinning import pin
from lapel.store.staging import Taken
from lapel.store.trust import FILE, WATCHLIST
from lapel.wiring.describing import described_device
from lapel.wiring.ordered_wipe import obey_order
from lapel.wiring.updating import record_trust, update

TRUST_HELP = "trust an authority from now on: take its lists, and no others"


def configure_trust(parser: argparse.ArgumentParser) -> None:
    """Declare what ``trust`` needs beside the state folder and its key."""
    parser.add_argument("root", type=Path, metavar="ROOT", help="the authority's 1.root.json, brought by hand")
    parser.add_argument("--device", required=True, metavar="NAME", help="this device's name")
    parser.add_argument("--group", required=True, metavar="NAME", help="the group whose lists it takes")
    parser.add_argument("--out", type=Path, metavar="FILE", help="for lapel-admin device add (default NAME.json)")


def trust(args: argparse.Namespace) -> int:
    """Pin the root, make this device's keys, and describe it. Raises: UsageError, ConfigError, StoreError."""
    checked_device(args.device)
    checked_name("group", args.group)
    if not args.state.is_dir():
        raise UsageError(f"{args.state}: no such folder; make it, or name the device's by --state")
    root = brought_root(args.root)
    out: Path = args.out or Path(f"{args.device}.json")
    keys = keys_from(args, create=True)
    pin(args.state, root, args.device, args.group, keys)
    try:
        record_trust(args.state, keys, SystemClock())
        described = described_device(args.state, args.device, keys)
        write_whole(out, [json.dumps(described, indent=1).encode()])
    except (StoreError, Refused):
        # The keys are told nowhere else, and no second try is made where an authority is trusted already.
        for name in (FILE, LINK_KEY):
            discard(args.state / name)
        raise
    print(f"{args.state / FILE}: this device takes lists of that authority alone from now on")
    print(f"{args.state / LINK_KEY}: its key for brokers, which stays here; its certificate comes from the authority")
    print(f"{out}: describes it; at the authority: lapel-admin device add --dir DIR {out.name}")
    return 0


def refuse_unsigned(args: argparse.Namespace) -> None:
    """A device that trusts an authority takes nothing else. Raises: Refused."""
    if (args.state / FILE).exists():
        raise Refused(
            f"{args.file}: nobody signed it, and this device trusts an authority; import the folder that it publishes"
        )


def import_published(args: argparse.Namespace) -> int:
    """Take a published folder. Raises: UsageError, Refused and its kinds, StoreError; refusals are records."""
    folder = brought_folder(args.file)
    keys = keys_from(args)
    if not (args.state / FILE).exists():
        raise UsageError(
            f"{args.state / FILE}: this device trusts no authority yet; lapel watchlist trust ROOT, with the key "
            f"{args.state / KEY_FILE}"
        )
    try:
        with shown_on_stderr("taking the list") as progress:
            taken = update(args.state, keys, folder, SystemClock(), args.list, progress)
    except Refused:
        obey_order(args.state, keys, key_file_of(args))
        raise
    if args.json:
        print(json.dumps(_facts(args.state, taken), ensure_ascii=False))
    else:
        print(_said(args.state, taken))
    return 0


def _facts(state: Path, taken: Taken) -> dict[str, object]:
    held = taken.held
    return {
        "imported": str(state / WATCHLIST),
        "list": held.list_id,
        "version": held.version,
        "new": taken.is_new,
        "entries": taken.entries,
        "withdrawn": list(taken.withdrawn),
    }


def _said(state: Path, taken: Taken) -> str:
    held = taken.held
    name = f"{state / WATCHLIST}: list {held.list_id} version {held.version}"
    gone = ", ".join(each or "the whole list" for each in taken.withdrawn)
    said = f"{name}, {taken.entries} entries" if taken.is_new else f"{name} is the newest already"
    return f"{said}; withdrawn: {gone}" if gone else said
