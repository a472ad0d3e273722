"""``lapel watchlist``: what is being looked for, why and until when; and whether a watchlist file may be used."""

from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np

from lapel.alert.words import said_of_false_alerts
from lapel.cli.keys import add_key_options, add_state_option, keys_from
from lapel.cli.published import TRUST_HELP, configure_trust, import_published, refuse_unsigned, trust
from lapel.core.listed import Listed
from lapel.core.listing import findings
from lapel.errors import Refused, UsageError
from lapel.health.clock import SystemClock
from lapel.infer.manifest import ModelStore
from lapel.store.atomic import discard, sync_folder, write_whole
from lapel.store.gallery import verified_gallery
from lapel.store.trust import WATCHLIST
from lapel.wiring.updating import record_by_hand

NAME = "watchlist"
HELP = "show a watchlist, verify it, import it into this device, or trust an authority's"
FINE, FINDING = 0, 1
_COPY_BYTES = 1024 * 1024
_FILE_HELP = ("sealed watchlist", "sealed watchlist, or the folder that an authority published, on a stick for example")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare show, import and verify."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|import|verify|trust")
    for name, said in (
        ("show", "the terms and entries of a watchlist"),
        (
            "import",
            f"verify a watchlist, or a published folder, and put it into the state folder as {WATCHLIST}",
        ),
        ("verify", "exit 0: all of it may be used; 1: findings, such as expired entries; 5: refused"),
    ):
        action = actions.add_parser(name, help=said, description=said)
        action.add_argument("file", type=Path, metavar="FILE", help=_FILE_HELP[name == "import"])
        add_state_option(action)
        add_key_options(action)
        action.add_argument("--json", action="store_true", help="for a machine to read")
        if name == "import":
            action.add_argument("--list", metavar="NAME", help="of several lists that were published, this one")
    trusting = actions.add_parser("trust", help=TRUST_HELP, description=TRUST_HELP)
    configure_trust(trusting)
    add_state_option(trusting)
    add_key_options(trusting)


def run(args: argparse.Namespace) -> int:
    """Do what is asked; returns the exit code. Raises: Refused and its kinds, UsageError, StoreError, ConfigError."""
    if args.action == "trust":
        return trust(args)
    actions = {"show": _show, "import": _import, "verify": _verify}
    return actions[args.action](args, SystemClock().today())


def _show(args: argparse.Namespace, today: date) -> int:
    gallery = verified_gallery(args.file, keys_from(args))
    if args.json:
        print(json.dumps(_as_json(gallery, today), ensure_ascii=False, indent=2))
    else:
        _print_table(gallery, today)
    return FINE


def _verify(args: argparse.Namespace, today: date) -> int:
    gallery = verified_gallery(args.file, keys_from(args), _loaded_models())
    found = findings(gallery, today)
    if args.json:
        print(json.dumps({"findings": found, **_as_json(gallery, today)}, ensure_ascii=False, indent=2))
    else:
        for line in found:
            print(line)
        print(f"{args.file}: {_counts(gallery)}; {len(found)} findings")
    return FINDING if found else FINE


def _import(args: argparse.Namespace, today: date) -> int:
    if args.file.is_dir():
        return import_published(args)
    refuse_unsigned(args)
    keys = keys_from(args)
    gallery = verified_gallery(args.file, keys, _loaded_models())
    terms = gallery.terms
    if terms.expires < today:
        raise Refused(f"{args.file}: list {terms.list_id!r} expired on {terms.expires}; ask for a newer one")
    if not args.state.is_dir():
        raise UsageError(f"{args.state}: no such folder; make it, or name the device's by --state")
    target = args.state / WATCHLIST
    draft = args.state / f".{WATCHLIST}.new"
    try:
        with args.file.open("rb") as file:
            write_whole(draft, iter(lambda: file.read(_COPY_BYTES), b""))
        # What was verified and what was copied are two reads of a file that may have changed between them.
        verified_gallery(draft, keys, gallery.model_sha256)
        draft.replace(target)
        sync_folder(args.state)
        record_by_hand(args.state, keys, SystemClock(), terms, gallery.entry_count)
    finally:
        discard(draft)
    found = findings(gallery, today)
    if args.json:
        print(json.dumps({"imported": str(target), "findings": found}, ensure_ascii=False, indent=2))
    else:
        for line in found:
            print(line)
        print(f"{target}: list {terms.list_id!r} version {terms.version}, {_counts(gallery)}")
    return FINE


def _loaded_models() -> str:
    return ModelStore().describing_sha256


def _counts(gallery: Listed) -> str:
    decoys = f" ({len(gallery.decoys)} of them decoys)" if gallery.decoys else ""
    return f"{gallery.entry_count} entries{decoys}, {gallery.reference_count} references"


def _as_json(gallery: Listed, today: date) -> dict[str, object]:
    terms, counts = gallery.terms, np.bincount(gallery.owners(), minlength=gallery.entry_count)
    return {
        "list": {
            "id": terms.list_id,
            "version": terms.version,
            "created": terms.created.isoformat(),
            "expires": terms.expires.isoformat(),
            "expired": terms.expires < today,
        },
        "model_sha256": gallery.model_sha256,
        "calibration": asdict(gallery.calibration) if gallery.calibration else None,
        "decoys": sorted(gallery.decoys),
        "entries": [
            asdict(entry)
            | {
                "kind": entry.kind.value,
                "expires": entry.expires.isoformat(),
                "days_left": (entry.expires - today).days,
                "expired": not entry.is_current(today),
                "references": int(counts[number]),
            }
            for number, entry in enumerate(map(gallery.entry_at, range(gallery.entry_count)))
        ],
    }


def _print_table(gallery: Listed, today: date) -> None:
    terms, counts = gallery.terms, np.bincount(gallery.owners(), minlength=gallery.entry_count)
    ended = "  EXPIRED" if terms.expires < today else ""
    print(f"list {terms.list_id}  version {terms.version}  made {terms.created}  until {terms.expires}{ended}")
    print(f"{_counts(gallery)}, described by models {gallery.model_sha256[:12]}")
    print(f"{said_of_false_alerts(gallery)}\n")
    rows: list[tuple[str, ...]] = [("ID", "WHAT", "KIND", "UNTIL", "DAYS LEFT", "PICTURES", "WHY", "CASE", "AUTHORITY")]
    for number, entry in enumerate(map(gallery.entry_at, range(gallery.entry_count))):
        left = str((entry.expires - today).days) if entry.is_current(today) else "EXPIRED"
        texts = (textwrap.shorten(text, 32, placeholder="…") for text in (entry.purpose, entry.case, entry.authority))
        what = textwrap.shorten(entry.label, 32, placeholder="…")
        rows.append((entry.id, what, entry.kind.value, str(entry.expires), left, str(counts[number]), *texts))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    # A pipe has no width: only a terminal's lines are cut.
    width = shutil.get_terminal_size((10_000, 24)).columns
    for row in rows:
        print("  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()[:width])
