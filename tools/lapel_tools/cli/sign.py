"""``lapel-admin sign``: shows what a proposal changes, and signs it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from lapel.cli.progress import shown_on_stderr
from lapel.errors import UsageError
from lapel.store.atomic import write_whole
from lapel_tools.authority.pinned import check_pinned, pin
from lapel_tools.authority.proposal import read_proposal, sign_seen, signatures
from lapel_tools.authority.review import review
from lapel_tools.authority.review_page import review_page
from lapel_tools.authority.review_words import facts_of, lines_of
from lapel_tools.cli.administrator import (
    add_administrator_options,
    add_folder_option,
    administrator_from,
    folder_from,
)
from lapel_tools.cli.appraised import check_page_place

HELP = "see what a proposal changes, and sign it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Show what the proposal that waits would change, made anew from what you are about to sign, and sign it with "
        "your key. Each administrator does so on a machine of their own."
    )
    add_folder_option(parser)
    add_administrator_options(parser)
    parser.add_argument("--html", type=Path, metavar="PAGE", help="write what changes as a page, with the pictures")
    parser.add_argument("--dry-run", action="store_true", help="show alone, sign nothing")
    parser.add_argument("--json", action="store_true", help="print it as JSON, with --dry-run or --yes")
    parser.add_argument("--yes", action="store_true", help="do not ask: it was looked at before")


def run(args: argparse.Namespace) -> int:
    """Show, ask, sign. Raises: UsageError, ConfigError, Refused, StoreError."""
    check_page_place(args.html)
    authority = folder_from(args)
    proposal = read_proposal(authority)
    administrator = administrator_from(args)
    first = check_pinned(args.key, authority, proposal)
    with shown_on_stderr("opening what changes") as progress:
        seen = review(authority, proposal, administrator, progress)
    if args.html is not None:
        write_whole(args.html, [review_page(seen).encode("utf-8", "replace")])
    if not args.json:
        print("\n".join(lines_of(seen)))
    if not (args.dry_run or args.yes):
        _ask(args.json)
    if not args.dry_run:
        pin(args.key, first)
    roles = () if args.dry_run else sign_seen(authority, proposal, administrator.signer)
    if args.json:
        missing = {each.role: each.missing for each in signatures(authority, read_proposal(authority))}
        print(json.dumps(facts_of(seen) | {"signed": roles, "missing": missing}, ensure_ascii=False))
    if args.json or args.dry_run:
        return 0
    print(f"{proposal.folder}: {', '.join(roles)} signed by {administrator.public.name}")
    for each in signatures(authority, read_proposal(authority)):
        if each.missing:
            print(f"  {each.role}: {each.missing} more of {', '.join(each.of)}")
    return 0


def _ask(is_machine: bool) -> None:
    if is_machine or not sys.stdin.isatty():
        raise UsageError("nobody can be asked here; look at it with --dry-run, then sign it with --yes")
    if input("Sign this? Type yes: ").strip() != "yes":
        raise UsageError("not signed")
