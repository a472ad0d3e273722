"""``python -m lapel_tools.evaluate.redacted_codes``: how many rendered codes are read, before and after redaction."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lapel.capture.still import redact_still
from lapel.config.profile import load_profile
from lapel.core.things import Frame, Pixels
from lapel.errors import LapelError
from lapel.infer.finders import FaceFinder, HeadFinder
from lapel.infer.pictograms import signs
from lapel.infer.plates import PlateFinder
from lapel.infer.signs import SignReader
from lapel.infer.text import TextCodes
from lapel.ports import CodeReader
from lapel.wiring.seeing import open_seeing
from lapel_tools.report.share import Share
from lapel_tools.synth.number_scenes import Carrier, render_number
from lapel_tools.synth.sign_scenes import render_sign

Redact = Callable[[Pixels], Pixels]

SCENES = 40
_SIGN_SHARE, _SIGN_VIEWS = 0.18, 2


@dataclass(frozen=True, slots=True)
class Cost:
    """How many codes of a sort are read in scenes as they were rendered, and in the same once redacted; ``wrong``
    were read in redacted ones and are not there."""

    plain: Share
    redacted: Share
    wrong: int


def cost_of(scenes: Iterator[tuple[Pixels, str]], read: Callable[[Pixels], set[str]], redact: Redact) -> Cost:
    """Read each scene, RGB u8[h, w, 3] with the code in it, both ways."""
    plain = redacted = wrong = total = 0
    for pixels, value in scenes:
        seen = read(redact(pixels))
        plain, redacted = plain + (value in read(pixels)), redacted + (value in seen)
        wrong, total = wrong + len(seen - {value}), total + 1
    return Cost(Share(plain, total), Share(redacted, total), wrong)


def main() -> int:
    """Measure, and print a line a sort of code. Finders are those of a watch, every look of theirs at each scene."""
    parser = argparse.ArgumentParser(prog="python -m lapel_tools.evaluate.redacted_codes", description=__doc__)
    parser.add_argument("--scenes", type=int, default=SCENES, metavar="N", help="of containers and of panels")
    args = parser.parse_args()
    try:
        store = open_seeing(load_profile("ci-video")).models
        plates = PlateFinder(store)
        finders = (FaceFinder(store), HeadFinder(store), plates)
        text, marks = TextCodes(store, finders, is_still=True), SignReader(is_still=True)
        for what, scenes, reader in (
            ("container numbers", _numbers(Carrier.CONTAINER, args.scenes), text),
            ("orange panels", _numbers(Carrier.PANEL, args.scenes), text),
            (f"signs at {_SIGN_SHARE:.0%} of the width", _signs(), marks),
        ):
            cost = cost_of(scenes, _reading(reader), lambda pixels: redact_still(pixels, finders).pixels)
            print(
                f"synthetic {what}: {cost.plain.in_full()} read as rendered, {cost.redacted.in_full()} once redacted, "
                f"{cost.wrong} wrongly",
                flush=True,
            )
    except LapelError as error:
        print(f"redacted_codes: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _reading(reader: CodeReader) -> Callable[[Pixels], set[str]]:
    return lambda pixels: {code.value for code in reader.read(Frame(pixels, 0, 0.0))}


def _numbers(carrier: Carrier, count: int) -> Iterator[tuple[Pixels, str]]:
    for seed in range(count):
        scene = render_number(carrier, seed)
        yield scene.pixels, scene.value


def _signs() -> Iterator[tuple[Pixels, str]]:
    for sign in signs():
        for pictogram in sign.pictograms:
            for view in range(_SIGN_VIEWS):
                yield render_sign(pictogram, view, _SIGN_SHARE, None).pixels, sign.code


if __name__ == "__main__":
    sys.exit(main())
