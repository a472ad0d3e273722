"""``lapel-admin enrol``: puts a thing on a watchlist."""

from __future__ import annotations

import argparse
import re
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapel.config.profile import load_profile
from lapel.core.codes import as_listed
from lapel.core.geometry import Box
from lapel.core.things import Entry, Kind
from lapel.errors import EnrolmentRefused, UsageError
from lapel.health.clock import SystemClock
from lapel.store.gallery import read_gallery, write_gallery
from lapel.store.lock import WriterLock
from lapel.wiring.seeing import open_seeing
from lapel_tools.cli.appraised import Told, check_page_place, say, tell, write_page
from lapel_tools.cli.keys import add_key_options, key_for_writing
from lapel_tools.enrol.appraisal import appraise
from lapel_tools.enrol.enrolment import examine, extend_gallery, references_of
from lapel_tools.enrol.outline import parse_outline, read_mask
from lapel_tools.enrol.parts import as_a_watch, drawn_distractors, enrolment_tools
from lapel_tools.enrol.request import EnrolmentRequest, Photo
from lapel_tools.enrol.trials import only

HELP = "put a thing on a watchlist, with the terms on which it may be looked for"

_DESCRIPTION = """\
Put a thing on a watchlist, with its pictures or codes and the terms on which it may be looked for.

Every picture goes the way a frame goes on the device: faces are destroyed first. All pictures are judged before
anything is written: if one is refused, the watchlist stays as it was. Then the thing is tried out: how often its
pictures would be found from elsewhere, what else would be taken for it, and what to add."""

_CODE_HELP = (
    "its serial, as its barcode holds it; its GTIN (UPC, EAN) or ISBN as printed, dashes and blanks or not; a "
    "container's number; an orange panel's numbers, as in 33/1203. A serial of 12, 13 or 14 digits that is refused "
    "as a GTIN is written serial:123456789012. Of entries with the same code each alerts"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TERMS = ("id", "label", "purpose", "case", "authority", "owner", "contact", "check")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = _DESCRIPTION
    parser.add_argument("photos", nargs="*", type=Path, metavar="PHOTO", help="a picture of the thing")
    parser.add_argument("--watchlist", type=Path, required=True, metavar="FILE", help="made if it does not exist")
    add_key_options(parser, "seals the watchlist; made with a new one")
    parser.add_argument("--id", required=True, help="names the entry; the same id and terms add pictures to it")
    parser.add_argument("--label", default="", help="what an officer reads in the alert")
    parser.add_argument("--kind", choices=[kind.value for kind in Kind], default=Kind.OTHER.value, help="what it is")
    parser.add_argument("--purpose", default="", help="what it is looked for")
    parser.add_argument("--case", default="", help="case number")
    parser.add_argument("--authority", default="", help="who ordered it")
    parser.add_argument("--expires", metavar="YYYY-MM-DD", help="the last day, at most 365 days ahead")
    parser.add_argument("--owner", default="", help="whose it is")
    parser.add_argument("--contact", default="", help="whom to call")
    parser.add_argument("--check", default="", help="what tells it from its likes: serial, marks")
    parser.add_argument("--code", action="append", default=[], metavar="CODE", help=_CODE_HELP)
    parser.add_argument("--list-id", metavar="NAME", help="name of a new list (default: the file's name)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--outline", action="append", metavar="x0,y0,x1,y1", help="where it is; repeat for each picture")
    where.add_argument(
        "--mask", action="append", type=Path, metavar="PNG", help="white where it is; repeat for each picture"
    )
    parser.add_argument(
        "--profile", default="ci-video", metavar="FILE|NAME", help="hardware profile (default: %(default)s)"
    )
    parser.add_argument("--html", type=Path, metavar="REPORT", help="write a page of what is thought of each picture")
    parser.add_argument("--dry-run", action="store_true", help="judge alone: no list, no key, only the page if asked")
    parser.add_argument("--quick", action="store_true", help="list many things: do not try out how well each is found")
    parser.add_argument("--json", action="store_true", help="print everything that is thought of it as JSON")


def run(args: argparse.Namespace) -> int:
    """Judge all pictures, tell what they are worth, then write the list once."""
    watchlist: Path = args.watchlist
    _check_place(watchlist)
    check_page_place(args.html)
    entry, photos = _entry(args), _photos(args)
    with nullcontext() if args.dry_run else _alone_with(watchlist):
        return _enrol(args, entry, photos)


def _enrol(args: argparse.Namespace, entry: Entry, photos: tuple[Photo, ...]) -> int:
    watchlist: Path = args.watchlist
    new_list = not watchlist.exists()
    keys = None if new_list else key_for_writing(args, watchlist)
    gallery = read_gallery(watchlist, keys) if keys else None
    seeing = open_seeing(load_profile(args.profile))
    tools = enrolment_tools(seeing, SystemClock().today())
    listed = () if gallery is None else only(gallery, entry.id).references
    verdicts = examine(EnrolmentRequest(entry, photos), tools, listed)
    if any(verdict.error for verdict in verdicts):
        tell(args, Told(entry, verdicts))
    references = references_of(verdicts, tools.features)
    extended = extend_gallery(
        gallery,
        entry,
        references,
        list_id=args.list_id or watchlist.stem,
        model_sha256=tools.model_sha256,
        today=tools.today,
    )
    appraisal = None
    if references and not args.quick:
        whole = tuple(verdict.reference for verdict in verdicts if verdict.reference is not None)
        watch = as_a_watch(seeing, tools.today)
        appraisal = appraise(extended, entry, whole, tools.features, watch, drawn_distractors())
    told = Told(entry, verdicts, appraisal, None if args.dry_run else extended.terms.version)
    # The page first: a list that was written and a page that was not would have the pictures enrolled twice.
    write_page(args.html, told)
    if not args.dry_run:
        write_gallery(watchlist, extended, keys or key_for_writing(args, watchlist))
    say(args, told)
    if not args.json:
        done = "would be " if args.dry_run else ""
        print(
            f"{watchlist}: {done}{'made' if new_list else 'extended'}, version {extended.terms.version}: "
            f"{len(extended.entries)} entries, {len(extended.references)} pictures"
        )
    return 0


def _alone_with(watchlist: Path) -> WriterLock:
    """Two enrolments that read one list would each write it without the other's entry. Raises: StoreLocked."""
    return WriterLock(watchlist, "let that one end, and enrol again")


def _check_place(watchlist: Path) -> None:
    """Refuse a place that no list can be in, before a key is made for it. Raises: UsageError."""
    if watchlist.is_dir():
        raise UsageError(f"--watchlist {watchlist}: is a folder; name a file in it")
    if not watchlist.parent.is_dir():
        raise UsageError(f"--watchlist {watchlist}: there is no folder {watchlist.parent}; make it first")


def _entry(args: argparse.Namespace) -> Entry:
    terms = {name: str(getattr(args, name)) for name in _TERMS}
    return Entry(
        kind=Kind(args.kind),
        expires=_expiry(args.id, args.expires),
        codes=tuple(as_listed(code) for code in args.code),
        **terms,
    )


def _expiry(entry_id: str, text: str | None) -> date:
    if not text:
        raise EnrolmentRefused(f"{entry_id}: --expires is missing; nothing is listed for ever, so give the last day")
    try:
        if not _DAY.fullmatch(text):  # fromisoformat also takes weeks and undivided digits, which are easily mistyped
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--expires {text}: not a day; write it as YYYY-MM-DD") from None


def _photos(args: argparse.Namespace) -> tuple[Photo, ...]:
    paths: list[Path] = args.photos
    boxes: list[Box | None] = [parse_outline(text) for text in args.outline or []] or [None] * len(paths)
    masks: list[NDArray[np.bool_] | None] = [read_mask(path) for path in args.mask or []] or [None] * len(paths)
    for name, given in (("--outline", boxes), ("--mask", masks)):
        if len(given) != len(paths):
            raise UsageError(f"{name}: given {len(given)} times for {len(paths)} pictures; give it once for each")
    return tuple(Photo(str(p), p, box, mask) for p, box, mask in zip(paths, boxes, masks, strict=True))
