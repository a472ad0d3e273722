"""``lapel unlock``: give a locked device its passphrase without a phone, or lock it."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from pathlib import Path

from lapel.cli.keys import PASSPHRASE_VARIABLE, given_passphrase
from lapel.config.site import PHONE, load_site
from lapel.errors import ConfigError, UsageError

NAME = "unlock"
HELP = "give this device its passphrase, or lock it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'A device with state.unlock = "phone" in its site file is locked at each start, also after its watchdog has '
        "started it again: it opens no camera, looks at nothing and records nothing until it is given its passphrase, "
        "on the officer's page of the paired phone, or here. After two wrong ones in a row each further one waits, "
        "first 5 s, then twice as long each time up to a quarter of an hour, and a restart begins that anew; each "
        "becomes a record once the device is unlocked. The passphrase is asked for, where neither "
        f"--passphrase-file nor {PASSPHRASE_VARIABLE} gives it.\n\n"
        "With --lock it is locked again: the watch ends, and so does the link, and both begin anew without a key."
    )
    parser.add_argument("--site", type=Path, required=True, metavar="FILE", help="site file of the device")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line is the passphrase")
    parser.add_argument("--lock", action="store_true", help="lock it")
    parser.add_argument("--json", action="store_true", help="say whether it is locked now as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises: UsageError, ConfigError, HardwareError (no lookout), Refused (a wrong passphrase, or too soon)."""
    from lapel.wiring.unlocking import lock, locked_key, unlock

    site = load_site(args.site)
    if site.state.unlock != PHONE:
        raise ConfigError(f'{args.site}: state.unlock: "{site.state.unlock}": nothing locks this device')
    socket = site.companion.socket
    if args.lock:
        lock(socket)
    elif (key := locked_key(socket)) is not None:
        unlock(socket, key, _passphrase(args))
    print(json.dumps({"is_locked": args.lock}) if args.json else "locked" if args.lock else "unlocked")
    return 0


def _passphrase(args: argparse.Namespace) -> bytearray:
    given = given_passphrase(args.passphrase_file)
    if given is None and not sys.stdin.isatty():
        raise UsageError(f"nobody is there to be asked; give --passphrase-file, or set {PASSPHRASE_VARIABLE}")
    return bytearray((given or getpass.getpass("Passphrase of this device: ")).encode())
