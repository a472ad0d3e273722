"""``lapel-admin report``: what devices did, counted from audited records; and the public notice of a site."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date
from pathlib import Path

from lapel.config.site import load_site
from lapel.errors import UsageError
from lapel.store.atomic import write_whole
from lapel_tools.cli.database import add_database_option
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.report.audited import Tree, journal_tree, station_trees
from lapel_tools.report.notice import notice_page
from lapel_tools.report.transparency import counted
from lapel_tools.report.transparency_page import transparency_page

HELP = "make the transparency report, or a site's public notice"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare transparency and notice."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="transparency|notice")
    said = "what was seen, told, listed, exported and deleted, from audited records alone"
    transparency = actions.add_parser(
        "transparency",
        help=said,
        description=f"{said[0].upper()}{said[1:]}. The same records give the same bytes. The trees of records are "
        "examined first; on a finding no report is made (exit 5).",
    )
    for name, what in (("from", "first"), ("to", "last")):
        transparency.add_argument(
            f"--{name}", dest=f"{what}_day", required=True, metavar="YYYY-MM-DD", help=f"the {what} day, UTC"
        )
    transparency.add_argument("--state", type=Path, action="append", default=[], metavar="DIR", help="a device's own")
    add_key_options(transparency, "opens the state")
    add_database_option(transparency, is_required=False)
    transparency.add_argument("--device", metavar="NAME", help="of the station's devices only this one")
    transparency.add_argument("--json", action="store_true", help="JSON in the place of a page")
    notice = actions.add_parser("notice", help="one page for the public", description="One page for the public.")
    notice.add_argument("--site", type=Path, required=True, metavar="FILE", help="site file with a table [notice]")
    for action in (transparency, notice):
        action.add_argument("--out", type=Path, metavar="FILE", help="where it goes (default: printed)")


def run(args: argparse.Namespace) -> int:
    """Make what is asked for. Raises: UsageError, ConfigError, Tampered, StoreError."""
    made = _transparency(args) if args.action == "transparency" else notice_page(load_site(args.site), str(args.site))
    if args.out is None:
        sys.stdout.write(made)
    else:
        write_whole(args.out, (made.encode(),))
    return 0


def _transparency(args: argparse.Namespace) -> str:
    first, last = _day("--from", args.first_day), _day("--to", args.last_day)
    if last < first:
        raise UsageError(f"--to {last}: is before --from {first}; give the earlier day first")
    report = counted(_trees(args), first, last)
    return report.as_json() if args.json else transparency_page(report)


def _trees(args: argparse.Namespace) -> tuple[Tree, ...]:
    if bool(args.state) == bool(args.db):
        raise UsageError("give devices' own records by --state, or those that a station holds by --db")
    if args.db:
        return station_trees(args.db, args.device)
    if args.device is not None:
        raise UsageError("--device: names one of a station's devices; give it with --db, or name its folder by --state")
    folders = [state.resolve() for state in args.state]
    twice = [state for state, folder in zip(args.state, folders, strict=True) if folders.count(folder) > 1]
    if twice:
        raise UsageError(f"--state {twice[-1]}: is named twice, and would be counted twice; name each folder once")
    keys = key_for_reading(args)
    return tuple(journal_tree(state, keys) for state in args.state)


def _day(option: str, text: str) -> date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: not a day; write it as YYYY-MM-DD") from None
