"""Do false alerts come as often as a calibration expects them?

    python -m lapel_tools.evaluate.expectation --watchlist FILE --key-file KEY [--kit KIT] [--things 800]

The tail is fitted to the first half of the drawn things and compared with the other half; of the kit's clips, if it is
given, to every second track and stretch of scene. Then the drawn fit is compared with the clips: that is what is asked
of a list that was calibrated with what ships. Thresholds are lowered until 30 false events and more are observed.

Measured on lists of distractors (7 of 10 parts of pictures, 3 drawn) and three things, 400 drawn things from 400
others, expected over observed at 30, 60 and 120 events: .73, .90, 1.04 with 100 on the list; .58, .75, .93 with 1,000;
.67, .80, .81 with 10,000. Before looks were laid straight: from 200 things .84 to 1.85; from 100 .32 to 2.07; in eleven
clips there were never 30 events, and far fewer than the drawn things foretell.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lapel.config.profile import load_profile
from lapel.core.calibrate import WATCHING
from lapel.core.calibration import Impostor
from lapel.core.gallery import Gallery
from lapel.core.tail import FEWEST_ABOVE, MISS, gamma_quantile, poisson_upper, tail_of
from lapel.health.clock import SystemClock
from lapel.store.gallery import read_gallery
from lapel.wiring.seeing import Seeing, open_seeing
from lapel_tools.calibrate.episodes import of_clip, of_looks
from lapel_tools.calibrate.shipped import shipped_looks
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.evaluate.kit import Kit
from lapel_tools.progress import BarOnStderr

EVENTS = (30, 60, 120)
"""Compared where so many false events are observed; fewer say nothing within a factor of 2."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """At ``threshold``, false events as expected of the fit and as observed; ``least`` and ``most`` are the ends of the
    exact 95% interval of what was observed."""

    threshold: float
    expected: float
    observed: int
    least: float
    most: float

    @property
    def ratio(self) -> float:
        """How many times as many were expected as observed."""
        return self.expected / self.observed


def compared(fitted: Sequence[Impostor], held: Sequence[Impostor]) -> tuple[Comparison, ...]:
    """The tail of the one against the count of the other, at every threshold that enough events reached."""
    tail = tail_of(tuple(impostor.strength for impostor in fitted))
    strongest = sorted((impostor.strength for impostor in held), reverse=True)
    rows = []
    for events in EVENTS:
        if events > len(strongest) or strongest[events - 1] <= 0:
            break
        threshold = strongest[events - 1]
        # Below its level a tail says nothing but what was counted there.
        share = sum(impostor.strength >= threshold for impostor in fitted) / len(fitted)
        expected = len(held) * (tail.chance(threshold) if threshold > tail.level else share)
        ends = gamma_quantile(events, MISS / 2), poisson_upper(events, MISS / 2)
        rows.append(Comparison(threshold, expected, events, *ends))
    return tuple(rows)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m lapel_tools.evaluate.expectation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--watchlist", type=Path, required=True, metavar="FILE")
    add_key_options(parser, "opens the watchlist")
    parser.add_argument("--kit", type=Path, metavar="FOLDER")
    parser.add_argument("--things", type=int, default=800, metavar="N")
    args = parser.parse_args()
    seeing = open_seeing(load_profile("ci-video"))
    gallery = read_gallery(args.watchlist, key_for_reading(args), seeing.models.describing_sha256)
    print(f"{len(gallery.entries)} entries")
    drawn = _drawn(seeing, gallery, args.things)
    # Not every second one: which design is drawn goes by the number.
    _print("drawn, from drawn", compared(drawn[: len(drawn) // 2], drawn[len(drawn) // 2 :]))
    if args.kit:
        seen = _clips(seeing, gallery, Kit(args.kit))
        _print("clips, from clips", compared(seen[::2], seen[1::2]))
        _print("clips, from drawn", compared(drawn, seen))


def _drawn(seeing: Seeing, gallery: Gallery, things: int) -> tuple[Impostor, ...]:
    today = SystemClock().today()
    watchlist = seeing.recall(gallery, WATCHING, lambda: today)
    return of_looks(shipped_looks(things, BarOnStderr()), watchlist).impostors


def _clips(seeing: Seeing, gallery: Gallery, kit: Kit) -> tuple[Impostor, ...]:
    profile = load_profile("ci-video")
    clips = BarOnStderr().each(kit.clips(), "clips")
    return tuple(
        impostor for clip in clips for impostor in of_clip(kit.path("video", clip), seeing, profile, gallery).impostors
    )


def _print(title: str, rows: tuple[Comparison, ...]) -> None:
    if not rows:
        print(f"  {title}: fewer than {FEWEST_ABOVE} false events at any threshold: nothing to compare")
    for row in rows:
        print(
            f"  {title}: at evidence {row.threshold:.2f} expected {row.expected:.1f}, observed {row.observed} "
            f"({row.least:.0f} to {row.most:.0f}): ×{row.ratio:.2f}"
        )


if __name__ == "__main__":
    main()
