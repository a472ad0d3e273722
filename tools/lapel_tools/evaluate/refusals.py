"""Which pictures enrolment refuses for showing a person, a face or a plate, of those that do and those that do not.

A kit's pictures of people as they are, people and things cut out of its pictures by their boxes, pictures of things,
and rendered plates. Its limits were chosen on the project's own test kit: figures on that flatter them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from lapel.config.profile import load_profile
from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.errors import EnrolmentRefused, LapelError
from lapel.health.clock import SystemClock
from lapel.wiring.seeing import open_seeing
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.enrol.people import check_people
from lapel_tools.enrol.request import EnrolmentTools
from lapel_tools.evaluate.kit import Kit
from lapel_tools.report.share import Share
from lapel_tools.synth.number_scenes import Carrier, face_of
from lapel_tools.synth.picture_file import read_rgb

_SHORTEST_PX = 64  # of a cut-out: enrolment refuses smaller ones for their size
_PLATES = 40


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture, RGB u8[h, w, 3], and what kind of picture it is."""

    kind: str
    pixels: Pixels


def samples(kit: Kit, plates: int = _PLATES) -> Iterator[Sample]:
    """Every picture to try. Raises: UsageError, MediaError."""
    for file in kit.pictures("faces"):
        yield Sample("pictures of people", read_rgb(kit.path("faces", file)))
    for seed in range(plates):
        yield Sample("rendered plates", face_of(Carrier.PLATE, seed)[0])
    for kind, boxes in (("people cut out", kit.people("detection")), ("things cut out", kit.things("detection"))):
        for file, places in boxes.items():
            yield from (Sample(kind, cut) for cut in _cuts(read_rgb(kit.path("detection", file)), places))
    instances = kit.instances()
    for thing in (*instances.listed, *instances.unlisted):
        for file in (*thing.references, *thing.queries):
            yield Sample("pictures of things", read_rgb(kit.path("instances", file)))


def _cuts(pixels: Pixels, places: Iterable[Box]) -> Iterator[Pixels]:
    """What lies at some places, of those that are large enough."""
    for place in places:
        inside = place.clipped(pixels.shape[1], pixels.shape[0])
        if min(inside.width, inside.height) >= _SHORTEST_PX:
            yield np.ascontiguousarray(pixels[inside.y0 : inside.y1, inside.x0 : inside.x1])


def refused(found: Iterator[Sample], tools: EnrolmentTools, folder: Path) -> dict[str, Share]:
    """How many of each kind are refused for what they show. ``folder`` holds one picture at a time."""
    counts: dict[str, list[bool]] = {}
    path = folder / "sample.png"
    for sample in found:
        cv2.imwrite(str(path), cv2.cvtColor(sample.pixels, cv2.COLOR_RGB2BGR))
        frame = tools.read(path)
        box = Box(0, 0, frame.width, frame.height)
        try:
            check_people("sample", path, frame, box, frame.pixels, tools.people)
            counts.setdefault(sample.kind, []).append(False)
        except EnrolmentRefused:
            counts.setdefault(sample.kind, []).append(True)
        finally:
            path.unlink(missing_ok=True)
    return {kind: Share(sum(those), len(those)) for kind, those in counts.items()}


def main() -> int:
    """Measure, and print a line a kind of picture."""
    parser = argparse.ArgumentParser(prog="python -m lapel_tools.evaluate.refusals", description=__doc__)
    parser.add_argument("kit", type=Path, metavar="KIT", help="folder that holds faces/, detection/ and instances/")
    args = parser.parse_args()
    try:
        tools = enrolment_tools(open_seeing(load_profile("ci-video")), SystemClock().today())
        with TemporaryDirectory(prefix="lapel-refusals-") as folder:
            for kind, share in refused(samples(Kit(args.kit)), tools, Path(folder)).items():
                print(f"{kind}: {share.in_full()} refused", flush=True)
    except LapelError as error:
        print(f"refusals: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
