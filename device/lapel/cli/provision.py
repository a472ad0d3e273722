"""``lapel provision``: set this device up at its first boot."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lapel.cli.brought import brought_root
from lapel.cli.update import SHELF
from lapel.errors import LapelError
from lapel.health.clock import SystemClock

HELP = "set this device up at its first boot, from a folder that a person filled"
FOLDER = Path("/boot/firmware/lapel")
SETTINGS = Path("/etc/lapel")
MARK = "provisioned"

_DESCRIPTION = f"""\
FOLDER (default {FOLDER}, which any computer can write once the card is flashed) holds

  provision.toml   [device] group = "patrol", profile = "pi-4" (of /usr/share/lapel/profiles)
  site.toml        with the device's own name; its watchlist is watchlist.lapel in the state folder
  1.root.json      the authority's first root, brought by hand
  profile.toml     in the place of a shipped one
  lapel_*.deb      optional: the package of what is installed, for updates to go back to

Settings are put in place, the device's keys are made on it, the root is pinned for lists and for software, and
NAME.json is written to FOLDER: the device's public keys and its certificate request, for lapel-admin device add.
Where site.toml has [companion] it ends with the code for the phone if the officer's page runs. At a first boot it
does not run yet, and it ends with how to start it and ask for a code. What is done already stays as it is: after a
cut do it again.

While a card of Raspberry Pi OS is at hand, add cgroup_enable=memory to the end of the one line in its cmdline.txt: only
then does the kernel hold units to their limits of memory. lapel doctor says whether it does."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = _DESCRIPTION
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, metavar="FOLDER", help="what a person brings")
    parser.add_argument(
        "--settings", type=Path, default=SETTINGS, metavar="DIR", help="where settings go (default %(default)s)"
    )
    parser.add_argument(
        "--shelf", type=Path, default=SHELF, metavar="DIR", help="root's folder of updates (default %(default)s)"
    )
    parser.add_argument(
        "--user", default="lapel", metavar="NAME", help="whose the state folder is (default %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises: UsageError, ConfigError, Refused, StoreError, HardwareError."""
    from lapel.store.atomic import write_whole
    from lapel.store.shelf import Shelf
    from lapel.wiring.dpkg import Dpkg
    from lapel.wiring.provisioning import ROOT, Places, provision
    from lapel.wiring.software import SoftwareUpdates

    updates = SoftwareUpdates(Shelf(args.shelf), Dpkg(args.shelf), SystemClock())
    done = []
    for line in provision(args.folder, Places(args.settings, args.user, updates), brought_root(args.folder / ROOT)):
        done.append(line)
        if not args.json:
            print(line, flush=True)
    write_whole(args.settings / MARK, [b""])
    invited = _invitation(args.settings / "site.toml")
    if args.json:
        print(json.dumps({"done": done, "pairing": invited}))
    elif invited:
        print("\n".join(invited))
    return 0


def _invitation(site: Path) -> list[str]:
    """The code for the phone, where the officer's page runs; how to get one where it does not."""
    from lapel.config.site import load_site
    from lapel.wiring.companion import invitation

    terms = load_site(site).companion
    if not terms.address:
        return []
    try:
        invited = invitation(terms.folder)
    except (LapelError, OSError):
        return [f"for a phone: systemctl enable --now lapel-companion, then lapel companion --site {site} --pair"]
    return [f"on the phone open {invited.origin} and type {invited.code}", f"fingerprint {invited.fingerprint}"]
