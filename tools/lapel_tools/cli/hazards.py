"""``lapel-admin hazards``: lists the signs and numbers of dangerous goods, which are built in."""

from __future__ import annotations

import argparse
import json
import re
from datetime import date, timedelta
from pathlib import Path

from lapel.config.profile import load_profile
from lapel.core.gallery import LONGEST_LISTING_DAYS
from lapel.errors import UsageError
from lapel.health.clock import SystemClock
from lapel.infer.pictograms import signs
from lapel.store.gallery import read_gallery, write_gallery
from lapel.store.lock import WriterLock
from lapel.wiring.seeing import open_seeing
from lapel_tools.cli.keys import add_key_options, key_for_writing
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.hazards.listing import ListingTerms, is_hazard, with_hazards
from lapel_tools.hazards.substances import hazard_numbers, substances

HELP = "list the signs and numbers of dangerous goods"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Put the hazard list on a watchlist, new or not; where it is on it already, it is renewed. It has "
        f"{len(signs())} signs ({sum(len(s.pictograms) for s in signs())} pictograms of GHS and ADR, drawn by the "
        f"project), {len(substances())} substances by UN number, each row with its sources, and all "
        f"{len(hazard_numbers())} hazard numbers of ADR 2025 for panels whose substance is not among them: those are "
        "told as unknown. Every alert says what to do first, and where that is written."
    )
    parser.add_argument("--watchlist", type=Path, required=True, metavar="FILE", help="made if it is not there")
    add_key_options(parser, "seals the list; made where neither is there")
    parser.add_argument("--authority", required=True, help="on whose authority hazards are looked for")
    parser.add_argument("--case", default="standing order", help="under which case (default: %(default)s)")
    parser.add_argument("--contact", default="", help="whom to call")
    parser.add_argument("--expires", metavar="YYYY-MM-DD", help="last day (default: the last one that is allowed)")
    parser.add_argument("--list-id", metavar="NAME", help="name of a new list (default: the file's name)")
    parser.add_argument(
        "--profile", default="ci-video", metavar="FILE|NAME", help="hardware profile (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print what the list has now as JSON")


def run(args: argparse.Namespace) -> int:
    """Make the references, and write the list once."""
    watchlist: Path = args.watchlist
    if not watchlist.parent.is_dir() or watchlist.is_dir():
        raise UsageError(f"--watchlist {watchlist}: not a file in a folder that is there; name another")
    today = SystemClock().today()
    terms = ListingTerms(args.authority, args.case, _expiry(args.expires, today), args.contact)
    with WriterLock(watchlist, "let that one end, and list hazards again"):
        return _list(args, terms, today)


def _list(args: argparse.Namespace, terms: ListingTerms, today: date) -> int:
    watchlist: Path = args.watchlist
    is_new = not watchlist.exists()
    keys = None if is_new else key_for_writing(args, watchlist)
    gallery = read_gallery(watchlist, keys) if keys else None
    tools = enrolment_tools(open_seeing(load_profile(args.profile)), today)
    made = with_hazards(gallery, args.list_id or watchlist.stem, terms, tools)
    write_gallery(watchlist, made, keys or key_for_writing(args, watchlist))
    hazards = sum(map(is_hazard, made.entries))
    if args.json:
        counts = {"signs": len(signs()), "substances": len(substances()), "hazard_numbers": len(hazard_numbers())}
        print(json.dumps({"version": made.terms.version, "entries": len(made.entries), **counts}))
    else:
        print(
            f"{watchlist}: {'made' if is_new else 'extended'}, version {made.terms.version}: {len(made.entries)} "
            f"entries, {hazards} of them hazards: {len(signs())} signs, {len(substances())} substances, "
            f"{len(hazard_numbers())} hazard numbers"
        )
    return 0


def _expiry(text: str | None, today: date) -> date:
    if text is None:
        return today + timedelta(days=LONGEST_LISTING_DAYS)
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--expires {text}: not a day; write it as YYYY-MM-DD") from None
