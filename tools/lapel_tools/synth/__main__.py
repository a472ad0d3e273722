"""``python -m lapel_tools.synth``: draws things, the README's picture of an alert, clips of drawn things, and scenes
with real heads in them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

from lapel.config.profile import load_profile
from lapel.errors import LapelError, UsageError
from lapel.health.clock import SystemClock
from lapel.store.gallery import write_gallery
from lapel.store.keys import FileKey
from lapel.wiring.seeing import open_seeing
from lapel_tools.evaluate.kit import Kit
from lapel_tools.synth.alert_picture import draw_alert
from lapel_tools.synth.clip_kit import grounds_in, list_of, write_clips
from lapel_tools.synth.head_kit import write_heads
from lapel_tools.synth.things import render

_DESCRIPTION = """\
Draw things, the README's picture of an alert, and to measure on: clips of drawn things, scenes with real heads."""


def main() -> int:
    """Draw what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lapel_tools.synth", description=_DESCRIPTION)
    wanted = parser.add_subparsers(dest="what", required=True)
    things = wanted.add_parser("things", help="pictures of drawn things, each with its outline")
    things.add_argument("--out", type=Path, required=True, metavar="DIR")
    things.add_argument("--count", type=int, default=24, metavar="N", help="how many (default: 24)")
    things.add_argument("--view", type=int, default=0, metavar="N", help="0: straight on; others: at an angle")
    alert = wanted.add_parser("alert", help="the README's picture of an alert (needs chromium)")
    alert.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    clips = wanted.add_parser("clips", help="hand-held clips with frame truth, as a kit, and their watchlist")
    clips.add_argument(
        "--out", type=Path, required=True, metavar="KIT", help="folder for video/, clips.lapel and clips.key"
    )
    clips.add_argument("--count", type=int, default=4, metavar="N", help="of each sort (default: 4)")
    clips.add_argument("--ground", type=Path, metavar="DIR", help="pictures without people to put the things into")
    faces = wanted.add_parser("faces", help="a kit's heads pasted into its pictures without people, with exact boxes")
    faces.add_argument("--kit", type=Path, required=True, metavar="KIT", help="where faces/ and detection/ lie")
    faces.add_argument(
        "--boxes", type=Path, metavar="FILE", help="boxes of whole heads (default: KIT/faces/boxes.json)"
    )
    faces.add_argument("--out", type=Path, required=True, metavar="KIT", help="folder for faces/ and its boxes.json")
    faces.add_argument("--count", type=int, default=8, metavar="N", help="scenes of each condition (default: 8)")
    args = parser.parse_args()
    try:
        if args.what == "alert":
            draw_alert(args.out)
        elif args.what == "clips":
            _film_clips(args.out, args.count, args.ground)
        elif args.what == "faces":
            _paste_heads(args.kit, args.boxes, args.out, args.count)
        else:
            _draw_things(args.out, args.count, args.view)
    except LapelError as error:
        print(f"synth: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _draw_things(folder: Path, count: int, view: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(count):
        thing = render(seed, view)
        cv2.imwrite(str(folder / f"{thing.name}.png"), thing.pixels[..., ::-1])
        cv2.imwrite(str(folder / f"{thing.name}-outline.png"), thing.outline.astype(np.uint8) * 255)


def _film_clips(folder: Path, count: int, ground: Path | None) -> None:
    if count < 1:
        raise UsageError(f"--count {count}: give at least 1")
    grounds = grounds_in(ground)
    seeing = open_seeing(load_profile("ci-video"))
    clips = write_clips(folder, count, grounds, seeing)
    key_file, watchlist = folder / "clips.key", folder / "clips.lapel"
    key = FileKey(key_file) if key_file.exists() else FileKey.create(key_file)
    write_gallery(watchlist, list_of(clips, seeing, SystemClock().today()), key)
    print(f"lapel-admin evaluate {folder} --part video --watchlist {watchlist} --key-file {key_file} --out results")


def _paste_heads(kit: Path, boxes: Path | None, folder: Path, count: int) -> None:
    if count < 1:
        raise UsageError(f"--count {count}: give at least 1")
    heads = write_heads(Kit(kit), boxes, folder, count)
    print(f"{heads} heads; lapel-admin evaluate {folder} --part faces --out results")


if __name__ == "__main__":
    sys.exit(main())
