"""The options of every command that opens a sealed file: where the state lies, and what opens it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from lapel.ports import KeyProvider
from lapel.store.keys import FileKey, PassphraseKey
from lapel.store.wiping import refuse_wiped

DEFAULT_STATE = Path("/var/lib/lapel")
KEY_FILE = "device.key"
PASSPHRASE_VARIABLE = "LAPEL_PASSPHRASE"


def add_state_option(parser: argparse.ArgumentParser, default: Path | None = DEFAULT_STATE) -> None:
    """Give a command --state; pass ``default=None`` where a site file may say it."""
    said = f" (default {default})" if default else ""
    parser.add_argument("--state", type=Path, default=default, metavar="DIR", help=f"folder of the state files{said}")


def add_key_options(parser: argparse.ArgumentParser) -> None:
    """Give a command --key-file and --passphrase-file, of which at most one may be used."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--key-file", type=Path, metavar="FILE", help=f"secret of 32 bytes (default {KEY_FILE} in the state folder)"
    )
    group.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help=f"first line is the passphrase (or set {PASSPHRASE_VARIABLE})",
    )


def keys_from(args: argparse.Namespace, create: bool = False) -> KeyProvider:
    """What opens the sealed files: the option given, else the passphrase of the environment, else the key file.

    ``create`` makes a key file that does not exist yet. Raises: ConfigError naming the file and the remedy, Refused
    where the device was wiped.
    """
    state: Path = getattr(args, "state", None) or DEFAULT_STATE
    refuse_wiped(state)
    if args.passphrase_file is not None:
        return PassphraseKey.from_file(args.passphrase_file)
    passphrase = os.environ.get(PASSPHRASE_VARIABLE, "")
    if args.key_file is None and passphrase:
        return PassphraseKey(passphrase)
    path: Path = args.key_file or state / KEY_FILE
    return FileKey.create(path) if create and not path.exists() else FileKey(path)


def key_file_of(args: argparse.Namespace) -> Path | None:
    """The key file of a device, to be destroyed with it; None where it has none."""
    path: Path = args.key_file or (getattr(args, "state", None) or DEFAULT_STATE) / KEY_FILE
    return path if path.exists() else None
