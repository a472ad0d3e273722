"""``lapel-admin watchlist show``: what is on a list."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lapel.core.gallery import Gallery
from lapel.core.listing import findings
from lapel.health.clock import SystemClock
from lapel.store.atomic import write_whole
from lapel.store.gallery import read_gallery
from lapel_tools.authority.review_words import words_of
from lapel_tools.cli.appraised import check_page_place
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.watchlist.show import show_facts, show_page, summary_of
from lapel_tools.watchlist.standing import Standing, standings

HELP = "entries with terms, purposes, last days and what they can be found by"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Show what is on a list: every entry with its purpose, case, authority and last day, and whether a watch can "
        "find it by its looks, by its code, or not at all. --html draws it with the pictures that the list keeps. "
        "Exit 1 where something on it cannot match."
    )
    parser.add_argument("list", type=Path, metavar="LIST", help="the sealed list")
    add_key_options(parser, "opens the list")
    parser.add_argument("--html", type=Path, metavar="PAGE", help="write a page with the pictures; it is not sealed")
    parser.add_argument("--json", action="store_true", help="print it as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Show it. Raises: UsageError, ConfigError, Refused, StoreError."""
    check_page_place(args.html)
    gallery, today = read_gallery(args.list, key_for_reading(args)), SystemClock().today()
    if args.html is not None:
        write_whole(args.html, [show_page(gallery, today).encode("utf-8", "replace")])
    if args.json:
        print(json.dumps(show_facts(gallery, today), ensure_ascii=False))
    else:
        _say(gallery, tuple(standings(gallery, today)))
    return 1 if findings(gallery, today) else 0


def _say(gallery: Gallery, found: tuple[Standing, ...]) -> None:
    today = SystemClock().today()
    print(f"list {gallery.terms.list_id}")
    for row in summary_of(gallery, today):
        if row.text:
            print(f"  {row.name.lower():<9} {row.text}")
    for one in found:
        print(f"{one.entry.id}: {one.verdict.value}; {words_of(one.entry, len(one.references))}")
    for line in findings(gallery, today):
        print(f"! {line}")
