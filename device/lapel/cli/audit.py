"""``lapel audit``: what the journal holds, and whether anything in it was changed, removed or moved."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from lapel.cli.keys import add_key_options, add_state_option, keys_from
from lapel.core.audit import Finding, Verdict, examine
from lapel.core.record_body import Body, parse_body
from lapel.core.records import Head, Record
from lapel.errors import Refused
from lapel.health.clock import SystemClock
from lapel.ports import KeyProvider
from lapel.store.journal import SealedJournal, journal_of
from lapel.store.link_state import LINK, LinkState
from lapel.store.wiping import refuse_wiped

NAME = "audit"
HELP = "show the journal's records, or verify that none was changed"
FINE, FINDING = 0, 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare show and verify."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|verify")
    show = actions.add_parser("show", help="the latest records", description="The latest records, oldest first.")
    show.add_argument("--limit", type=_count, default=20, metavar="N", help="how many (default 20)")
    said = "exit 0: every record is there and unchanged; 1: findings"
    verify = actions.add_parser("verify", help=said, description=said)
    for action in (show, verify):
        add_state_option(action)
        add_key_options(action)
        action.add_argument("--json", action="store_true", help="for a machine to read")


def run(args: argparse.Namespace) -> int:
    """Do what is asked; returns the exit code. Works beside a running lookout.

    Raises: UsageError (no journal), WrongKey, Tampered (unreadable), StoreError, ConfigError.
    """
    refuse_wiped(args.state)
    path = journal_of(args.state)
    keys = keys_from(args)
    with SealedJournal(path, keys, SystemClock(), read_only=True) as journal:
        return _show(args, journal) if args.action == "show" else _verify(args, journal, keys)


def _show(args: argparse.Namespace, journal: SealedJournal) -> int:
    for record in journal.after(journal.head().size - 1 - args.limit, args.limit):
        print(_as_json(record) if args.json else _as_line(record))
    return FINE


def _verify(args: argparse.Namespace, journal: SealedJournal, keys: KeyProvider) -> int:
    acked, found = _acked_head(args.state / LINK, keys)
    journal.check_pages()
    with journal.stored() as (head, rows):
        verdict = examine(rows, head, acked, journal.begins())
    verdict = replace(verdict, findings=(*verdict.findings, *found))
    if args.json:
        print(json.dumps(_verdict_as_json(verdict, acked)))
    else:
        _print_verdict(verdict, acked)
    return FINE if verdict.is_clean else FINDING


def _acked_head(path: Path, keys: KeyProvider) -> tuple[Head | None, tuple[Finding, ...]]:
    """What the station acknowledged, and what is wrong with the file that says so: the journal may be whole yet."""
    if not path.exists():
        return None, ()
    try:
        with LinkState(path, keys, read_only=True) as state:
            return state.acked_head(), ()
    except Refused as error:
        return None, (Finding(None, f"what the station acknowledged of it cannot be read: {error}"),)


def _print_verdict(verdict: Verdict, acked: Head | None) -> None:
    for finding in verdict.findings:
        where = "journal" if finding.sequence is None else f"record {finding.sequence}"
        print(f"{where}: {finding.what}")
    size, root = verdict.head.size, verdict.head.root.hex()
    outcome = "clean" if verdict.is_clean else f"{len(verdict.findings)} findings"
    print(f"{outcome}: {size} records, head {root}")
    if acked is None:
        print(
            f"No head that a station acknowledged is kept here ({LINK}): records cut off at the end together "
            "with their head, or a history written anew by someone who holds the key, cannot be seen."
        )
    else:
        print(
            f"Compared with the head of {acked.size} records that the station acknowledged. Of the "
            f"{max(0, size - acked.size)} records after it, a cut at the end together with its head cannot be seen "
            "here; the station's own copy shows it."
        )


def _verdict_as_json(verdict: Verdict, acked: Head | None) -> dict[str, object]:
    return {
        "clean": verdict.is_clean,
        "records": verdict.head.size,
        "root": verdict.head.root.hex(),
        "acked_records": acked.size if acked else None,
        "acked_root": acked.root.hex() if acked else None,
        "findings": [{"sequence": finding.sequence, "what": finding.what} for finding in verdict.findings],
    }


def _as_line(record: Record) -> str:
    body = parse_body(record.body)
    facts = " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in body.facts)
    picture = f"  [picture, {len(record.picture)} bytes]" if record.picture else ""
    return f"{record.sequence:>6}  {record.at[:19]}Z  {record.kind.value:<9} {facts}{picture}"


def _as_json(record: Record) -> str:
    body: Body = parse_body(record.body)
    return json.dumps(
        {
            "sequence": record.sequence,
            "id": record.id,
            "kind": record.kind.value,
            "at": record.at,
            "device": body.device,
            "boot": body.boot,
            "monotonic_ns": body.monotonic_ns,
            "facts": dict(body.facts),
            "picture_sha256": body.picture_sha256,
            "picture_bytes": len(record.picture),
            "leaf": record.leaf.hex(),
        },
        ensure_ascii=False,
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give a count of 1 or more")
    return int(text)
