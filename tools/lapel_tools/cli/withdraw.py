"""``lapel-admin withdraw``: one administrator alone takes an entry or a list away."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from lapel_tools.authority.pinned import hold_to
from lapel_tools.authority.withdraw import Wanted, withdraw
from lapel_tools.cli.administrator import (
    add_administrator_options,
    add_folder_option,
    administrator_from,
    folder_from,
    now,
)

HELP = "withdraw an entry or a whole list, at once and alone"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Withdraw entries, or a list as a whole. One signature is enough, since it only takes away; it is published at "
        "once. What was withdrawn comes back by a new list alone, which several sign, seeing that it comes back."
    )
    add_folder_option(parser)
    add_administrator_options(parser)
    parser.add_argument("--list", required=True, metavar="NAME", help="the list")
    parser.add_argument(
        "--entry", action="append", default=[], metavar="ID", help="an entry; without any, the whole list"
    )
    parser.add_argument(
        "--unlisted", action="store_true", help="withdraw entries that the published list has no more, or not yet"
    )
    parser.add_argument("--json", action="store_true", help="print what was withdrawn as JSON")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; devices keep it in their records")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises: UsageError, ConfigError, Refused, StoreError."""
    authority = folder_from(args)
    administrator = administrator_from(args)
    hold_to(args.key, authority)
    wanted = Wanted(args.list, tuple(args.entry), args.reason, args.unlisted)
    with authority.alone():
        withdrawn = withdraw(authority, administrator, wanted, now())
    if args.json:
        print(json.dumps({"withdrawn": [asdict(each) for each in withdrawn]}, ensure_ascii=False))
        return 0
    for each in withdrawn:
        what = f"entry {each.entry_id}" if each.entry_id else "the whole list"
        print(f"{args.list}: {what} withdrawn by {each.by}, published as number {each.serial}")
    return 0
