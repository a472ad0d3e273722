"""The options of every command that opens a sealed file: where the state lies, and what opens it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from lapel.config.site import PHONE, Site
from lapel.errors import ConfigError
from lapel.ports import KeyProvider
from lapel.store.keys import KEY_FILE, FileKey, PassphraseKey, first_line_of
from lapel.store.wiping import refuse_wiped
from lapel.wiring.lent_keys import LentKeys

DEFAULT_STATE = Path("/var/lib/lapel")
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


def given_passphrase(file: Path | None) -> str | None:
    """The passphrase of a file, else of the environment; None where neither gives one. Raises: ConfigError."""
    return first_line_of(file) if file is not None else os.environ.get(PASSPHRASE_VARIABLE) or None


def device_keys(args: argparse.Namespace, site: Site | None) -> KeyProvider:
    """What opens the sealed files of a device beside its lookout: where its phone unlocks it the lookout lends keys,
    unless options say otherwise. Raises: as ``keys_from``."""
    return LentKeys(args.state) if is_unlocked_by_phone(args, site) else keys_from(args)


def is_unlocked_by_phone(args: argparse.Namespace, site: Site | None) -> bool:
    """Whether nothing on the device opens it, and neither option nor environment does."""
    is_given = args.key_file is not None or args.passphrase_file is not None or os.environ.get(PASSPHRASE_VARIABLE)
    if site is None or site.state.unlock != PHONE or is_given:
        return False
    refuse_wiped(args.state)
    if (args.state / KEY_FILE).exists():
        raise ConfigError(
            f'{args.state / KEY_FILE}: opens this device for whoever has its card, and state.unlock = "phone"; seal a '
            "new state folder by a passphrase, or take unlock out of the site file"
        )
    return True


def key_file_of(args: argparse.Namespace) -> Path | None:
    """The key file of a device, to be destroyed with it; None where it has none."""
    path: Path = args.key_file or (getattr(args, "state", None) or DEFAULT_STATE) / KEY_FILE
    return path if path.exists() else None
