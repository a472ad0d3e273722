"""``lapel wipe``: destroy this device's keys, and with them its list, records and clips."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from lapel.cli.keys import DEFAULT_STATE, add_state_option, key_file_of
from lapel.cli.words import few_words
from lapel.errors import UsageError
from lapel.store.keys import KEY_FILE

HELP = "destroy this device's key, list, records and clips, for good"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Destroys the key first, so that nothing which it sealed can be read again, then the watchlist, what is "
        "trusted, records whether sent or not, clips and pieces of lists in the state folder. A wipe that was cut off "
        "is finished at the next start of any command there, and the device says from then on that it was wiped, when "
        "and why.\n\nSend what waits first, if that can be, and stop the lookout and the link. Alert pages and "
        "exported clips outside of the state folder are left. Have the authority revoke the device: lapel-admin "
        "device revoke."
    )
    add_state_option(parser)
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE", help=f"the key (default {KEY_FILE} in the state folder)"
    )
    parser.add_argument(
        "--why", type=few_words, default="by command", metavar="TEXT", help="what the device says of it from then on"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises: UsageError, StoreLocked, StoreError."""
    from lapel.store.wiping import refuse_wiped, wipe

    state: Path = args.state or DEFAULT_STATE
    if not state.is_dir():
        raise UsageError(f"{state}: no such folder; name the device's by --state")
    if args.key_file is not None and not args.key_file.is_file():
        raise UsageError(f"{args.key_file}: no such key file; nothing was wiped")
    refuse_wiped(state)
    if not args.yes and not _is_confirmed(state):
        raise UsageError("not confirmed; nothing was wiped")
    wiped = wipe(state, key_file_of(args), args.why, datetime.now(UTC).isoformat(timespec="seconds"))
    print(f"{state}: wiped on {wiped.at} ({wiped.why})")
    return 0


def _is_confirmed(state: Path) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked; --yes wipes without")
    return input(f"Destroy key, list, records and clips of {state}? Type wipe: ").strip() == "wipe"
