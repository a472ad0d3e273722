"""``lapel-admin calibrate``: sets the thresholds of a watchlist so that it keeps a budget of false alerts."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from lapel.alert.words import hours, said_of_false_alerts
from lapel.capture.picture import SUFFIXES
from lapel.config.profile import load_profile
from lapel.core.calibration import MOST_THRESHOLD, Calibration, Plan
from lapel.core.gallery import Gallery
from lapel.errors import Refused, UsageError
from lapel.health.clock import SystemClock
from lapel.store.gallery import read_gallery, write_gallery
from lapel.store.lock import WriterLock
from lapel.wiring.seeing import open_seeing
from lapel_tools.calibrate.decoys import with_decoys
from lapel_tools.calibrate.measure import Bench, Wanted, calibrated, files_of
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.progress import BarOnStderr

HELP = "set the thresholds of a watchlist so that it keeps a budget of false alerts"

_DESCRIPTION = """\
Show a watchlist things that are not on it, tell how often it would be wrong, and set its thresholds so that the whole
list gives no more false alerts than the budget.

What is shown are drawn things that ship with Lapel, or scenes of the site in which nothing listed is to be seen. What
comes out holds for scenes like those shown: its interval is that of the counts, not of other scenes. Entries that are
taken for others more often than the rest get thresholds of their own. A list that breaks the budget at any threshold is
refused (exit 5), the entries that break it are named, and the file stays as it was. Enrolling afterwards makes the
calibration stale, and so does a version of Lapel that decides otherwise, which "lapel watchlist verify" and every watch
say.

Decoys are drawn things that stand on the list and cannot be met. A hit on one is false: it is kept, never shown, and
when there are more than the budget allows, the device silences the list and says so."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = _DESCRIPTION
    parser.add_argument("--watchlist", type=Path, required=True, metavar="FILE", help="the list to calibrate")
    add_key_options(parser, "opens and seals the watchlist")
    parser.add_argument(
        "--scene",
        action="append",
        type=Path,
        default=[],
        metavar="PATH",
        help="a clip or a folder of pictures of the site without a listed thing, with at least 200 tracks and looks in "
        "all (a minute or two of a busy street); repeat for more",
    )
    parser.add_argument(
        "--budget", type=float, default=1.0, metavar="N", help="false alerts in a shift (default: %(default)g)"
    )
    parser.add_argument(
        "--shift-hours", type=float, default=8.0, metavar="H", help="how long a shift is (default: %(default)g)"
    )
    parser.add_argument(
        "--things", type=int, default=1000, metavar="N", help="drawn things to show (default: %(default)s)"
    )
    parser.add_argument(
        "--decoys",
        type=float,
        default=5.0,
        metavar="PERCENT",
        help="share of decoys among what has pictures, 0 for none (default: %(default)g)",
    )
    parser.add_argument(
        "--profile", default="ci-video", metavar="FILE|NAME", help="hardware profile (default: %(default)s)"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would be, and leave the list as it is")
    parser.add_argument("--json", action="store_true", help="print the calibration as JSON")


def run(args: argparse.Namespace) -> int:
    """Measure, then write the list once. Raises: Refused for a list that breaks the budget."""
    _check(args)
    with WriterLock(args.watchlist, "let that one end, and calibrate again"):
        return _calibrate(args)


def _calibrate(args: argparse.Namespace) -> int:
    path: Path = args.watchlist
    keys = key_for_reading(args)
    profile = load_profile(args.profile)
    seeing = open_seeing(profile)
    gallery = with_decoys(read_gallery(path, keys, seeing.models.describing_sha256), seeing, args.decoys / 100)
    if not gallery.references:
        raise UsageError(f"{path}: lists no picture, and codes are not calibrated: enrol a picture first")
    bench = Bench(seeing, profile, SystemClock().today(), BarOnStderr())
    wanted = Wanted(args.budget / args.shift_hours, tuple(args.scene), args.things)
    found, planned = calibrated(gallery, wanted, bench)
    if planned.breaking:
        raise Refused(_broken(path, planned.calibration, planned.breaking))
    passed_over = sum(files_of(scene)[1] for scene in args.scene if scene.is_dir())
    if not args.dry_run:
        write_gallery(path, found, keys)
    if args.json:
        counts = {
            "decoys": len(found.decoys),
            "passed_over": passed_over,
            "reached": planned.reached,
            "counted_at_most_per_hour": planned.counted_at_most_per_hour,
        }
        print(json.dumps(asdict(planned.calibration) | counts, ensure_ascii=False))
    else:
        if passed_over:
            print(f"{passed_over} other files were passed over: {', '.join(sorted(SUFFIXES))} are taken")
        print("\n".join(lines_of(path, found, planned, is_written=not args.dry_run)))
    return 0


def _check(args: argparse.Namespace) -> None:
    for name, value in (("--budget", args.budget), ("--shift-hours", args.shift_hours), ("--things", args.things)):
        if not 0 < value < float("inf"):
            raise UsageError(f"{name} {value:g}: give more than 0")
    if not 0 <= args.decoys <= 50:
        raise UsageError(f"--decoys {args.decoys:g}: give a share of 0 to 50 percent")
    if not args.watchlist.is_file():
        raise UsageError(f"--watchlist {args.watchlist}: there is no such file; enrol a thing first")
    for scene in args.scene:
        if not scene.exists():
            raise UsageError(f"--scene {scene}: is not there; give a clip or a folder of pictures")


def lines_of(path: Path, gallery: Gallery, planned: Plan, *, is_written: bool) -> list[str]:
    """What was found, in words: ``gallery`` as it was calibrated."""
    found = planned.calibration
    own = ", ".join(f"{each.entry_id} {each.threshold:g}" for each in found.entry_thresholds)
    counted = "beyond all that was seen, so extrapolated" if found.is_extrapolated else "where some was seen"
    return [
        f"{found.episodes} tracks and looks in {found.scenes}; a watch is taken to see {found.episodes_per_hour:.0f} "
        "an hour",
        f"threshold {found.threshold:g} times the rule's own{f'; of their own: {own}' if own else ''}",
        f"{said_of_false_alerts(gallery)}; the threshold lies {counted}",
        f"by the count alone: {planned.reached} of {found.episodes} reached it, which supports no more than at most "
        f"{_two_digits(planned.counted_at_most_per_hour)} an hour (95%, one-sided)",
        f"budget: 1 false alert in {hours(found.budget_per_hour)}",
        f"{len(gallery.decoys)} decoys, on which {found.decoy_share:.0%} of false hits fall",
        f"{path}: {'calibrated' if is_written else 'would be calibrated'}, version {found.version}",
    ]


def _two_digits(per_hour: float) -> str:
    """A bound in as many digits as it has, below 1 too: none may be told as 0."""
    rounded = float(f"{per_hour:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def _broken(path: Path, found: Calibration, breaking: tuple[str, ...]) -> str:
    return (
        f"{path}: even at {MOST_THRESHOLD:g} times the evidence it breaks the budget of 1 false alert in "
        f"{hours(found.budget_per_hour)}; most of it by {', '.join(breaking)}; outline them more tightly, take them "
        "off, show scenes without them if a listed thing was in view, or give a larger --budget"
    )
