"""``lapel-admin watchlist diff``: what becomes of one list in another."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lapel.store.atomic import write_whole
from lapel.store.gallery import read_gallery
from lapel.store.keys import FileKey
from lapel_tools.authority.review_words import lines_of_entries
from lapel_tools.cli.appraised import check_page_place
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.watchlist.diff import diff_facts, diff_of, diff_page

HELP = "what comes, goes and changes from one list to another"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Compare two lists entry by entry: what B adds, removes and changes of A, as whoever signs would see it. "
        "Exit 1 where they differ."
    )
    parser.add_argument("before", type=Path, metavar="A", help="the sealed list as it was")
    parser.add_argument("after", type=Path, metavar="B", help="the sealed list as it is")
    add_key_options(parser, "opens both lists")
    parser.add_argument("--other-key-file", type=Path, metavar="FILE", help="opens B, where another key sealed it")
    parser.add_argument("--html", type=Path, metavar="PAGE", help="write a page with the pictures; it is not sealed")
    parser.add_argument("--json", action="store_true", help="print it as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Compare them. Raises: UsageError, ConfigError, Refused, StoreError."""
    check_page_place(args.html)
    keys = key_for_reading(args)
    others = keys if args.other_key_file is None else FileKey(args.other_key_file)
    before, after = read_gallery(args.before, keys), read_gallery(args.after, others)
    diff = diff_of((args.before.name, args.after.name), before, after)
    if args.html is not None:
        write_whole(args.html, [diff_page(diff).encode("utf-8", "replace")])
    if args.json:
        print(json.dumps(diff_facts(diff), ensure_ascii=False))
    else:
        print(diff.counted)
        for each in diff.terms:
            print(f"  ~ {each}")
        print("".join(f"{line}\n" for line in lines_of_entries(diff.entries)), end="")
    return 0 if diff.is_none else 1
