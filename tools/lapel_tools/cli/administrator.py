"""The options of every command of an authority: its folder, whose key signs, and what opens that key."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from lapel.errors import UsageError
from lapel.store.keys import PassphraseKey
from lapel_tools.authority.administrators import Administrator, open_administrator
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.cli.keys import PASSPHRASE_VARIABLE


def add_folder_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``--dir``."""
    parser.add_argument("--dir", type=Path, required=True, metavar="DIR", help="the authority's folder")


def add_administrator_options(parser: argparse.ArgumentParser) -> None:
    """Declare ``--key`` and ``--passphrase-file``."""
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="your keys, made by lapel-admin authority key"
    )
    add_passphrase_option(parser)


def add_passphrase_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``--passphrase-file``."""
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help=f"its first line opens your keys (or set {PASSPHRASE_VARIABLE}; else it is asked for)",
    )


def folder_from(args: argparse.Namespace) -> AuthorityFolder:
    """The authority's folder. Raises: UsageError where there is none."""
    if not args.dir.is_dir():
        raise UsageError(f"--dir {args.dir}: there is no such folder; lapel-admin authority init makes one")
    return AuthorityFolder(args.dir)


def administrator_from(args: argparse.Namespace) -> Administrator:
    """Whoever's key was given. Raises: UsageError, ConfigError, WrongKey, Refused."""
    if not args.key.is_file():
        raise UsageError(f"--key {args.key}: there is no such file; lapel-admin authority key makes one")
    return open_administrator(args.key, passphrase_from(args))


def passphrase_from(args: argparse.Namespace, opens: Path | None = None) -> PassphraseKey:
    """The passphrase of a file, of the environment, or typed; it opens ``opens``, or else your keys.

    Raises: UsageError, ConfigError.
    """
    if args.passphrase_file is not None:
        return PassphraseKey.from_file(args.passphrase_file)
    if passphrase := os.environ.get(PASSPHRASE_VARIABLE, ""):
        return PassphraseKey(passphrase)
    if not sys.stdin.isatty():
        what = opens or "your keys"
        raise UsageError(f"no passphrase for {what}; give --passphrase-file or set {PASSPHRASE_VARIABLE}")
    return PassphraseKey(getpass.getpass(f"Passphrase of {opens or args.key}: "))


def now() -> datetime:
    """UTC, as the machine has it."""
    return datetime.now(UTC)
