"""``lapel-admin propose``: proposes a list to the other administrators."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

from lapel.cli.progress import shown_on_stderr
from lapel.core.lease import LONGEST_LEASE_HOURS
from lapel.core.manifest import LONGEST_TEXT, is_text
from lapel.errors import UsageError
from lapel.link.topics import checked_name
from lapel.store.gallery import open_gallery
from lapel.store.keys import FileKey, PassphraseKey
from lapel_tools.authority.administrators import Administrator
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.lists import DEFAULT_DAYS, ListTerms, Proposed, propose, published_list
from lapel_tools.authority.opened import Opened
from lapel_tools.authority.pinned import hold_to
from lapel_tools.authority.proposal import check_place
from lapel_tools.authority.software import propose_software
from lapel_tools.authority.source import Enrolled, Published, Source
from lapel_tools.cli.administrator import (
    add_administrator_options,
    add_folder_option,
    administrator_from,
    folder_from,
    now,
)

HELP = "propose a list, or software, signed by you, for others to sign"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Make a proposal of a watchlist that was enrolled (--watchlist), or of a published list once more (--again), "
        "for another term or for other devices, and sign it. Entries that were withdrawn are left out. A list with "
        "pictures is refused (exit 5) unless lapel-admin calibrate found it, as it is, to keep its budget of false "
        "alerts, or --uncalibrated is given; whoever signs is told either. Of a list that "
        "had over 500 references devices get smaller pictures than the file keeps, and of any list at most 4 GiB. "
        "Others sign it by lapel-admin sign, which shows them what changes; then lapel-admin publish.\n\n"
        "With --software propose packages of the devices' own software, one for each architecture; lists stay as they "
        "are."
    )
    add_folder_option(parser)
    add_administrator_options(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--watchlist", type=Path, metavar="FILE", help="made by lapel-admin enrol")
    what.add_argument("--again", metavar="NAME", help="a published list, as it is")
    what.add_argument("--software", type=Path, action="append", metavar="FILE", help="made by tools/build-deb; repeat")
    opens = parser.add_mutually_exclusive_group()
    opens.add_argument("--watchlist-key-file", type=Path, metavar="FILE", help="opens the watchlist")
    opens.add_argument("--watchlist-passphrase-file", type=Path, metavar="FILE", help="or its passphrase does")
    parser.add_argument("--list-id", metavar="NAME", help="name of the list (default: the watchlist's)")
    parser.add_argument("--purpose", help="what the list is for (with --again: as before)")
    parser.add_argument("--authority", help="on whose authority (with --again: as before)")
    parser.add_argument("--group", action="append", metavar="NAME", help="for devices of it; repeat (as before)")
    parser.add_argument(
        "--days", type=int, default=DEFAULT_DAYS, metavar="N", help="for how long, from today (default %(default)s)"
    )
    parser.add_argument("--not-before", type=_day, metavar="YYYY-MM-DD", help="first day (default: today)")
    parser.add_argument(
        "--lease-hours",
        type=int,
        metavar="N",
        help=f"devices without contact for so long fall silent, whatever their site allows; 0 for none, at most "
        f"{LONGEST_LEASE_HOURS} (with --again: as before)",
    )
    parser.add_argument("--lift", action="store_true", help="bring back what was withdrawn; whoever signs sees it")
    parser.add_argument(
        "--uncalibrated",
        action="store_true",
        help="propose it though it is not known to keep its budget of false alerts; whoever signs sees it",
    )
    parser.add_argument("--replace", action="store_true", help="drop a proposal that waits")
    parser.add_argument("--json", action="store_true", help="print what was proposed as JSON")


def run(args: argparse.Namespace) -> int:
    """Propose it. Raises: UsageError, ConfigError, Refused, StoreError."""
    if args.software:
        _refuse_list_options(args)
    authority = folder_from(args)
    check_place(authority, args.replace)
    administrator = administrator_from(args)
    hold_to(args.key, authority)
    if args.software:
        return _software(args, authority, administrator)
    source: Source | None = None if args.again else _enrolled(args)
    before = published_list(authority, args.again or _named(source), administrator)
    if source is None:
        if before is None:
            raise UsageError(f"--again {args.again}: is not published; lapel-admin authority status names what is")
        source = Published(before)
    terms = _terms(args, before)
    with shown_on_stderr("packing the list") as progress:
        done = propose(authority, administrator, source, before, terms, now(), progress)
    manifest = done.manifest
    new = sum(1 for _ in done.proposal.files.chunks())
    if args.json:
        facts = {"list": manifest.list_id, "version": manifest.version, "entries": manifest.entries, "new_chunks": new}
        facts |= {"false_alerts": done.budget and done.budget.facts()}
        facts |= {"bytes": done.length.all_bytes, "new_bytes": done.length.new_bytes}
        print(json.dumps(facts | {"left_out": [each.entry_id for each in done.left_out]}, ensure_ascii=False))
        return 0
    for each in done.left_out:
        print(f"left out: {each.entry_id}, withdrawn by {each.by}: {each.reason}; --lift would bring it back")
    print(
        f"{done.proposal.folder}: list {manifest.list_id} version {manifest.version}, {manifest.entries} entries, "
        f"until {manifest.expires}, for {', '.join(manifest.groups)}; {_long(done, new)}; "
        f"signed by {administrator.public.name}"
    )
    if done.budget:
        print(done.budget)
    return 0


def _long(done: Proposed, new: int) -> str:
    """How much devices take, and how much of it an entry is."""
    length, entries = done.length, done.manifest.entries
    each = f", {length.all_bytes / entries / 1024:.1f} KiB an entry" if entries else ""
    return (
        f"{length.all_bytes / 2**20:.1f} MiB{each}, of which {length.new_bytes / 2**20:.1f} MiB in {new} chunks are new"
    )


def _refuse_list_options(args: argparse.Namespace) -> None:
    """Whoever names a group must not believe that the others are spared. Raises: UsageError."""
    for name in ("group", "list_id", "purpose", "authority", "not_before", "lease_hours", "lift", "uncalibrated"):
        if getattr(args, name):
            raise UsageError(f"--{name.replace('_', '-')}: is of lists; software goes to every device; leave it out")


def _software(args: argparse.Namespace, authority: AuthorityFolder, administrator: Administrator) -> int:
    releases = propose_software(authority, administrator, tuple(args.software), now())
    if args.json:
        print(json.dumps({"software": [asdict(each) for each in releases]}))
        return 0
    for each in releases:
        print(f"{authority.proposal}: software {each}, sha256 {each.sha256}; signed by {administrator.public.name}")
    return 0


def _enrolled(args: argparse.Namespace) -> Enrolled:
    if args.watchlist_key_file is not None:
        keys: FileKey | PassphraseKey = FileKey(args.watchlist_key_file)
    elif args.watchlist_passphrase_file is not None:
        keys = PassphraseKey.from_file(args.watchlist_passphrase_file)
    else:
        raise UsageError("no key for the watchlist; give --watchlist-key-file or --watchlist-passphrase-file")
    return Enrolled(open_gallery(args.watchlist, keys, checked_whole=True), args.list_id)


def _named(source: Source | None) -> str:
    assert source is not None
    return checked_name("--list-id", source.preface.terms.list_id)


def _terms(args: argparse.Namespace, before: Opened | None) -> ListTerms:
    """What was given; the rest as it is published. Raises: UsageError for what is neither."""
    was = before.manifest if before else None
    found = {
        "purpose": args.purpose or (was and was.purpose),
        "authority": args.authority or (was and was.authority),
        "group": tuple(args.group or ()) or (was and was.groups),
    }
    for name, value in found.items():
        if not value:
            raise UsageError(f"--{name} is missing; a list has a purpose, an authority, and devices that it is for")
        if isinstance(value, str) and not is_text(value):
            raise UsageError(
                f"--{name} {value[:40]!r}: give one line of 1 to {LONGEST_TEXT} characters that say something"
            )
    groups = tuple(checked_name("--group", group) for group in dict.fromkeys(found["group"] or ()))
    lease = args.lease_hours if args.lease_hours is not None else was.lease_hours if was else 0
    if not 0 <= lease <= LONGEST_LEASE_HOURS:
        raise UsageError(f"--lease-hours {lease}: give 0, for none, to {LONGEST_LEASE_HOURS}")
    purpose, authority = str(found["purpose"]), str(found["authority"])
    return ListTerms(purpose, authority, groups, args.days, args.not_before, args.lift, lease, args.uncalibrated)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: not a day; write it as YYYY-MM-DD") from None
