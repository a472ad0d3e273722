"""``lapel update``: this device's own software, from whoever signs its lists."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from lapel.cli.brought import brought_folder, brought_root
from lapel.cli.keys import add_key_options, add_state_option, keys_from
from lapel.cli.words import few_words
from lapel.core.software import APPLYING, Happened
from lapel.health.clock import SystemClock
from lapel.store.shelf import Shelf
from lapel.wiring.dpkg import Dpkg
from lapel.wiring.software import SoftwareUpdates
from lapel.wiring.software_records import record_happened

HELP = "update this device's software from a stick, go back, or see how it stands"
SHELF = Path("/var/lib/lapel-update")
FINE, FINDING = 0, 1

_DESCRIPTION = """\
Software comes as a Debian package that several administrators of the authority signed (lapel-admin propose --software),
in the folder that it publishes. As root: trust, once; keep, once, for the package of what is installed; then fetch and
apply.

Refused are signatures too few, an older version, a stick that is out of date, a package for another architecture, and
one that was changed. One package that works is kept: where the new one cannot be installed, or what was running does
not become ready with it, the former one is put back, also at the next start after a power cut. Each is a record."""

_ACTIONS = {
    "trust": "take software from an authority from now on",
    "keep": "keep the package of what is installed, to go back to",
    "fetch": "verify what was published, and take the package for this device; nothing is installed",
    "apply": "install what was fetched, or first fetch it from FOLDER",
    "rollback": "install the version before",
    "status": "what is installed, kept and fetched, and what happened; exit 1: an update was cut off",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    parser.description = _DESCRIPTION
    actions = parser.add_subparsers(dest="action", required=True, metavar="|".join(_ACTIONS))
    for name, said in _ACTIONS.items():
        action = actions.add_parser(name, help=said, description=said)
        action.add_argument(
            "--shelf", type=Path, default=SHELF, metavar="DIR", help="root's folder of updates (default %(default)s)"
        )
        action.add_argument(
            "--root", type=Path, default=Path("/"), metavar="DIR", help="the system to update (default: this one)"
        )
        action.add_argument("--json", action="store_true", help="for a machine to read")
        if name == "trust":
            action.add_argument("file", type=Path, metavar="ROOT", help="the authority's 1.root.json, brought by hand")
        elif name == "keep":
            action.add_argument("file", type=Path, metavar="PACKAGE", help="the .deb that was installed")
        elif name == "fetch":
            action.add_argument("folder", type=Path, metavar="FOLDER", help="the authority's public, on a stick")
        elif name == "apply":
            action.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help="fetch it from there first")
            action.add_argument("--again", action="store_true", help="try what was put back here before")
        elif name == "rollback":
            action.add_argument("--why", type=few_words, required=True, metavar="TEXT", help="goes on record")
        if name in ("fetch", "apply", "rollback"):
            add_state_option(action)
            add_key_options(action)


def run(args: argparse.Namespace) -> int:
    """Do it. Raises: UsageError, ConfigError, Refused and its kinds, HardwareError and its kinds."""
    if args.action == "trust":
        args.shelf.mkdir(mode=0o755, exist_ok=True)
    shelf = Shelf(args.shelf)
    updates = SoftwareUpdates(shelf, Dpkg(args.shelf, args.root), SystemClock())
    return {"trust": _trust, "keep": _keep, "status": _status}.get(args.action, _update)(args, updates)


def _trust(args: argparse.Namespace, updates: SoftwareUpdates) -> int:
    updates.trust(brought_root(args.file))
    said = f"{updates.shelf.file}: this device takes software of that authority alone from now on"
    print(json.dumps({"trusted": str(updates.shelf.file)}) if args.json else said)
    return FINE


def _keep(args: argparse.Namespace, updates: SoftwareUpdates) -> int:
    release = updates.keep(args.file)
    kept = updates.shelf.package(release)
    said = json.dumps(asdict(release) | {"kept": str(kept)}) if args.json else f"{kept}: {release}, kept to go back to"
    print(said)
    return FINE


def _update(args: argparse.Namespace, updates: SoftwareUpdates) -> int:
    """Whatever comes of it is recorded, also where it is refused."""
    try:
        return {"fetch": _fetch, "apply": _apply, "rollback": _roll_back}[args.action](args, updates)
    finally:
        if updates.shelf.file.exists() and (why := record_happened(updates, args.state, lambda: keys_from(args))):
            print(f"lapel: NOT RECORDED YET: {why}; the next lapel update tries again", file=sys.stderr)


def _fetch(args: argparse.Namespace, updates: SoftwareUpdates) -> int:
    release = updates.fetch(brought_folder(args.folder))
    waits = updates.shelf.read().fetched is not None
    if args.json:
        print(json.dumps(asdict(release) | {"fetched": waits}))
    else:
        print(f"software {release}: {'fetched; next: lapel update apply' if waits else 'is installed already'}")
    return FINE


def _apply(args: argparse.Namespace, updates: SoftwareUpdates) -> int:
    if args.folder is not None:
        release = updates.fetch(brought_folder(args.folder))
        if updates.shelf.read().fetched is None:
            said = (
                json.dumps({"installed": release.version}) if args.json else f"software {release}: is installed already"
            )
            print(said)
            return FINE
    return _done(args, updates.apply(args.again))


def _roll_back(args: argparse.Namespace, updates: SoftwareUpdates) -> int:
    return _done(args, updates.roll_back(args.why))


def _done(args: argparse.Namespace, what: Happened) -> int:
    if args.json:
        print(json.dumps(what.values()))
    else:
        print(f"software {what.version}: installed and ready; {what.before} is kept (lapel update rollback)")
    return FINE


def _status(args: argparse.Namespace, updates: SoftwareUpdates) -> int:
    software, marked = updates.shelf.read(), updates.shelf.marked(APPLYING)
    facts = {
        "installed": updates.installer.installed(),
        "before": software.previous,
        "fetched": software.fetched.version if software.fetched else "",
        "kept": [each.version for each in software.packages],
        "put_back": list(software.shunned),
        "cut_off": marked.version if marked else "",
        "happened": [each.values() for each in software.happened],
    }
    if args.json:
        print(json.dumps(facts, indent=1))
    else:
        for name in ("installed", "before", "fetched", "kept", "put_back"):
            value = facts[name]
            print(f"{name.replace('_', ' '):<10} {(', '.join(value) if isinstance(value, list) else value) or 'none'}")
        for each in software.happened:
            said = f"{each.at} {each.outcome.value} {each.version} {each.why}".rstrip()
            print(said if each.is_recorded else f"{said} (not recorded yet)")
    if marked:
        print(
            f"lapel: {marked.version} was cut off; the next start, or lapel update, puts {marked.before} back",
            file=sys.stderr,
        )
    return FINDING if marked else FINE
