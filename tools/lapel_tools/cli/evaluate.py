"""``lapel-admin evaluate``: measures the production path on a kit of pictures and clips."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lapel.config.profile import load_profile
from lapel.errors import StoreError, UsageError
from lapel.health.clock import SystemClock
from lapel.store.atomic import write_whole
from lapel.store.gallery import read_gallery
from lapel.wiring.seeing import open_seeing
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.kit import Kit
from lapel_tools.evaluate.parts import PARTS, SLOW_PARTS
from lapel_tools.progress import BarOnStderr

HELP = "measure the production path on a kit of pictures and clips"

_DESCRIPTION = """\
Measure how well things are found, faces destroyed and codes read in a kit of pictures and clips.

Pictures and clips go the way they go on the device: faces are destroyed first, every frame is looked at, and two
runs give the same files. Writes instances.csv, detection.json, faces.json, text.json, video.json and summary.txt, and
report.html: the instances in figures with their 95% intervals, a curve of misses against false alarms, and the worst
errors with their pictures, faces destroyed. Brackets hold the Wilson 95% interval of a share. When asked for,
strata.csv (every picture again mirrored, turned, at 40, 80 and 4000 px, moved, out of focus, at night, and on a list of
look-alikes) and estimates.csv (what enrolment foretells of each thing, and what then happens).

A kit has a folder a part, each with an index; files are named relative to their part's folder:
  instances/split.json   {"enrolled": {ID: {"label": TEXT, "refs": [FILE], "queries": [FILE]}},
                          "unlisted": {ID: {"label": TEXT, "queries": [FILE]}}}, each FILE under one of the two;
                          what stands before the first _ of its folder, or of the ID, is its source
  detection/boxes.json   {"images": [{"file": FILE}]}
  faces/boxes.json       {"images": [{"file": FILE}]}; where heads are drawn also
                          "annotations": [{"file": FILE, "bbox": [X, Y, WIDTH, HEIGHT]}]
  text/strings.json      [{"file": FILE, "strings": [TEXT]}]
  video/notes.json       [{"file": FILE}]; with frame truth also "fps": "25/2",
                          "truth": [{"entry": ID, "frames": [[NUMBER, X, Y, WIDTH, HEIGHT]]}]"""

ALL = "all"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = _DESCRIPTION
    parser.add_argument("kit", type=Path, metavar="KIT", help="folder that holds instances/, detection/ and so on")
    parser.add_argument("--part", choices=[*PARTS, ALL], default=ALL, help="default: every part that the kit has")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go; made if missing")
    parser.add_argument("--watchlist", type=Path, metavar="FILE", help="what the clips are searched for")
    add_key_options(parser, "opens the watchlist")
    parser.add_argument(
        "--listed-in",
        action="append",
        default=[],
        metavar="CLIP",
        help="a clip in which a listed thing is to be seen; repeat for more: alerts in all others count as false",
    )
    parser.add_argument(
        "--profile", default="ci-video", metavar="FILE|NAME", help="hardware profile (default: %(default)s)"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="look at no more than N files of a part")
    parser.add_argument(
        "--strata", action="store_true", help="the instances once more under bad input, which takes ten times as long"
    )
    parser.add_argument(
        "--estimates", action="store_true", help="compare what enrolment foretells of each thing with what then happens"
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Run the parts one by one; each file is written when its part is done."""
    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit {args.limit}: give at least 1, or leave it out")
    kit = Kit(args.kit)
    parts = [name for name in PARTS if kit.has(name)] if args.part == ALL else [args.part]
    if not parts:
        raise UsageError(f"{args.kit}: has none of the parts {', '.join(PARTS)}; give a kit's folder")
    for name in [*parts, *(["instances"] if any(getattr(args, part) for part in SLOW_PARTS) else [])]:
        kit.check(name)
    out = _out_folder(args.out)
    profile = load_profile(args.profile)
    seeing = open_seeing(profile)
    watchlist = None
    if args.watchlist:
        watchlist = read_gallery(args.watchlist, key_for_reading(args), seeing.models.describing_sha256)
    today = SystemClock().today()
    listed_in = _clips(kit, args.listed_in)
    finders = seeing.at_stills().finders
    bench = Bench(kit, profile, seeing, finders, today, BarOnStderr(), args.limit, watchlist, listed_in)
    wanted = {name: PARTS[name] for name in parts}
    wanted |= {name: part for name, part in SLOW_PARTS.items() if getattr(args, name)}
    summaries = {name: part.run(bench, out / part.file) for name, part in wanted.items()}
    text = "".join(f"{name}\n" + "".join(f"  {line}\n" for line in lines) for name, lines in summaries.items())
    write_whole(out / "summary.txt", [text.encode()])
    print(json.dumps(summaries, ensure_ascii=False) if args.json else text, end="\n" if args.json else "")
    return 0


def _clips(kit: Kit, names: list[str]) -> frozenset[str]:
    unknown = sorted(set(names) - set(kit.clips())) if names else []
    if unknown:
        raise UsageError(f"--listed-in {unknown[0]}: no clip of the kit; there are {', '.join(kit.clips())}")
    return frozenset(names)


def _out_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"--out {folder}: is a file; give a folder") from None
    except OSError as error:
        raise StoreError(f"--out {folder}: cannot be made: {error.strerror}; choose another folder") from error
    return folder
