"""The key options that commands on a sealed file share."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from lapel.errors import UsageError
from lapel.ports import KeyProvider
from lapel.store.keys import FileKey, PassphraseKey

PASSPHRASE_VARIABLE = "LAPEL_PASSPHRASE"


def add_key_options(parser: argparse.ArgumentParser, what_the_key_does: str) -> None:
    """Declare ``--key-file`` and ``--passphrase-file``."""
    key = parser.add_mutually_exclusive_group()
    key.add_argument("--key-file", type=Path, metavar="FILE", help=what_the_key_does)
    key.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help=f"holds a passphrase in the place of a key (or set {PASSPHRASE_VARIABLE})",
    )


def key_for_reading(args: argparse.Namespace) -> KeyProvider:
    """The key that the options name. Raises: UsageError, ConfigError."""
    if args.key_file:
        return FileKey(args.key_file)
    if args.passphrase_file:
        return PassphraseKey.from_file(args.passphrase_file)
    if passphrase := os.environ.get(PASSPHRASE_VARIABLE, ""):
        return PassphraseKey(passphrase)
    raise UsageError(f"no key for the watchlist; give --key-file, --passphrase-file or set {PASSPHRASE_VARIABLE}")


def key_for_writing(args: argparse.Namespace, sealed: Path) -> KeyProvider:
    """The key that the options name, made when neither it nor the sealed file exists; that is said on stderr."""
    path: Path | None = args.key_file
    if path and not path.exists() and not sealed.exists():
        key = FileKey.create(path)
        print(f"{path}: new key, readable by you alone; without it {sealed} cannot be opened", file=sys.stderr)
        return key
    return key_for_reading(args)
