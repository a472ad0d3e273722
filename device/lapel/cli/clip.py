"""``lapel clip``: the sealed clips of alerts, listed, shown, exported and purged."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from lapel.cli.keys import add_key_options, add_state_option, keys_from
from lapel.cli.words import few_words
from lapel.health.clock import SystemClock

if TYPE_CHECKING:
    from lapel.wiring.clip_desk import ListedClip

NAME = "clip"
HELP = "list, show, export or purge the sealed clips of alerts"
FINE, FINDING = 0, 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare list, show, export and purge."""
    parser.description = (
        "A clip is what was seen around an alert, faces destroyed and people masked. It lies sealed; whatever leaves "
        "the seal is recorded with who did it and why, and so is every clip that is removed."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|show|export|purge")
    said = "every clip that was made, oldest first; exit 1 where one is gone without a record"
    listing = actions.add_parser("list", help=said, description=said)
    listing.add_argument("--json", action="store_true", help="for a machine to read, one object a clip")
    show = actions.add_parser("show", help="write a contact sheet (JPEG) of a clip; it is an export, too")
    export = actions.add_parser("export", help="write a clip as a video file (AVI, Motion JPEG; or MP4, H.264)")
    purge = actions.add_parser("purge", help="remove clips; their records stay")
    named = "four letters or more of its id, or of its alert's record, or: latest"
    for action in (show, export):
        action.add_argument("clip", metavar="CLIP", help=named)
        action.add_argument("file", type=Path, metavar="FILE", help="where to, or a folder")
    purge.add_argument("clips", nargs="+", metavar="CLIP", help=named)
    for action in (show, export, purge):
        action.add_argument("--by", required=True, type=few_words, metavar="NAME", help="who does it")
        action.add_argument("--why", required=True, type=few_words, metavar="TEXT", help="what for")
    for action in (listing, show, export, purge):
        add_state_option(action)
        add_key_options(action)


def run(args: argparse.Namespace) -> int:
    """Do what is asked; returns the exit code. Works beside a running lookout, which then records it."""
    # What shows pictures is loaded only now: the help must not wait for it.
    from lapel.wiring.clip_desk import Desk, Reason

    desk = Desk(args.state, keys_from(args), SystemClock())
    if args.action == "list":
        return _list(desk.listed(), args.json)
    reason = Reason(args.by, args.why)
    if args.action == "purge":
        for clip in desk.purge(args.clips, reason):
            print(f"{clip}: removed, and recorded")
        return FINE
    act = desk.show if args.action == "show" else desk.export
    print(f"{act(args.clip, args.file, reason)}: written, and recorded")
    return FINE


def _list(listed: Sequence[ListedClip], as_json: bool) -> int:
    for each in listed:
        if as_json:
            print(json.dumps(asdict(each), ensure_ascii=False))
            continue
        exports = f"  exported {each.exports} times" if each.exports else ""
        state = "" if each.is_there else f"  gone: {each.purged or 'WITHOUT A RECORD'}"
        size = f"{each.seconds:5.1f} s {each.film_bytes / 2**20:6.1f} MiB"
        print(f"{each.clip}  {each.at[:19]}Z {size}  {each.entries}{exports}{state}")
    return FINDING if any(each.is_missing for each in listed) else FINE
