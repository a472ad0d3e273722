"""``python -m lapel_tools.evaluate.signs``: how many rendered signs of dangerous goods are read, how many wrongly."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lapel.errors import LapelError
from lapel.infer.pictograms import Sign, signs
from lapel.infer.signs import SignReader
from lapel_tools.report.share import Share
from lapel_tools.synth.clip_kit import grounds_in
from lapel_tools.synth.picture_file import read_rgb
from lapel_tools.synth.sign_scenes import render_sign

SHARES = (0.5, 0.3, 0.18, 0.1)
VIEWS = 4


def read_of(share: float, every: Sequence[Sign], grounds: Sequence[Path], views: int = VIEWS) -> tuple[Share, int]:
    """How many rendered signs are read by one look at a share of the width, and how many others are read beside."""
    reader, right, wrong, total = SignReader(is_still=True), 0, 0, 0
    for sign in every:
        for pictogram in sign.pictograms:
            for view in range(views):
                ground = read_rgb(grounds[total % len(grounds)]) if grounds else None
                seen = reader.seen(render_sign(pictogram, view, share, ground).pixels)
                read = {each.sign for each in seen if each.is_sure}
                right, wrong, total = right + (sign.code in read), wrong + len(read - {sign.code}), total + 1
    return Share(right, total), wrong


def main() -> int:
    """Measure, and print a line a size. The scenes are not redacted: finders of faces take some signs, as a skull."""
    parser = argparse.ArgumentParser(prog="python -m lapel_tools.evaluate.signs", description=__doc__)
    parser.add_argument("--ground", type=Path, metavar="DIR", help="pictures to put the signs into (default: drawn)")
    args = parser.parse_args()
    try:
        grounds = grounds_in(args.ground)
        for share in SHARES:
            found, wrong = read_of(share, signs(), grounds)
            print(f"synthetic signs at {share:.0%} of the width: {found.in_full()} read, {wrong} wrongly", flush=True)
    except LapelError as error:
        print(f"signs: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
