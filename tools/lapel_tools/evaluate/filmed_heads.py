"""``python -m lapel_tools.evaluate.filmed_heads``: how often heads are destroyed that a hand-held camera pans over."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lapel.capture.eye import CapturedEye
from lapel.capture.sources import open_source
from lapel.config.profile import Redaction, load_profile
from lapel.core.geometry import Box, mask_of
from lapel.core.things import Pixels
from lapel.errors import LapelError, StoreError, UsageError
from lapel.health.clock import SystemClock
from lapel.infer.finders import watching
from lapel.ports import Finder
from lapel.wiring.seeing import open_seeing
from lapel_tools.evaluate.head_shares import COVERED, SMALL_PX, SMALLEST_PX
from lapel_tools.evaluate.kit import Kit
from lapel_tools.synth.handheld import FPS, HEIGHT_PX, WIDTH_PX, Pan, pan_over
from lapel_tools.synth.picture_file import read_rgb

FRAMES = 36
_SEED = 21
_WAY_PX = (320, 180)  # of which the camera pans half to each side of a scene's middle
_LEAST_VISIBLE = 0.6


@dataclass(frozen=True, slots=True)
class Seen:
    """A head in a frame: which one, how high it is there, and whether it is destroyed."""

    head: tuple[str, int]
    height_px: int
    is_destroyed: bool


@dataclass(frozen=True, slots=True)
class Filmed:
    """Heads in all frames of a film, and the shares of what is no head that were destroyed, one a frame."""

    seen: tuple[Seen, ...]
    rest: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture RGB u8[h, w, 3], and where heads are in it. ``number`` makes the camera's way its own."""

    file: str
    pixels: Pixels
    heads: tuple[Box, ...]
    number: int


def filmed(scene: Scene, frames: int, finders: Sequence[Finder], redaction: Redaction) -> Filmed:
    """Pan over a scene, and look at what is destroyed where heads are. Raises: StoreError."""
    middle = (scene.pixels.shape[1] / 2, scene.pixels.shape[0] / 2)
    pan = pan_over(_WAY_PX, middle, np.random.default_rng([_SEED, scene.number]), frames)
    seen, rest = [], []
    with tempfile.TemporaryDirectory(prefix="lapel-heads-") as folder:
        source = open_source(str(_film(scene, pan, Path(folder) / "film.avi")))
        held, delayed = redaction.hold_frames, redaction.delay_frames
        eye = CapturedEye(source, finders, SystemClock(), hold_frames=held, delay_frames=delayed)
        for frame in eye.frames():
            destroyed = mask_of(frame.destroyed, frame.width, frame.height)
            is_rest = np.ones_like(destroyed)
            for which, head in enumerate(scene.heads):
                if box := _visible(head, pan, frame.number):
                    share = destroyed[box.y0 : box.y1, box.x0 : box.x1].mean()
                    seen.append(Seen((scene.file, which), box.height, bool(share >= COVERED)))
                    is_rest[box.y0 : box.y1, box.x0 : box.x1] = False
            rest.append(float(destroyed[is_rest].mean()))
    return Filmed(tuple(seen), tuple(rest))


def lines(films: Sequence[Filmed]) -> Iterator[str]:
    """What came of all films, a line an item."""
    seen = [each for film in films for each in film.seen if each.height_px >= SMALLEST_PX]
    for what, chosen in (
        (f"{SMALL_PX} px and more", [each for each in seen if each.height_px >= SMALL_PX]),
        (f"{SMALLEST_PX} to {SMALL_PX} px", [each for each in seen if each.height_px < SMALL_PX]),
    ):
        destroyed = sum(each.is_destroyed for each in chosen)
        # No interval: frames of one film are much alike.
        yield f"heads of {what}, in single frames: {destroyed} of {len(chosen)} destroyed"
    large = {each.head for each in seen if each.height_px >= SMALL_PX}
    bare = {each.head for each in seen if each.height_px >= SMALL_PX and not each.is_destroyed}
    yield f"heads of {SMALL_PX} px and more: {len(large) - len(bare)} of {len(large)} in all frames"
    yield f"of what is no head {np.mean([share for film in films for share in film.rest]):.1%} is destroyed"


def _film(scene: Scene, pan: Pan, path: Path) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"FFV1"), FPS, (WIDTH_PX, HEIGHT_PX))
    if not writer.isOpened():
        raise StoreError(f"{path}: no video can be written; check the folder and OpenCV's codecs")
    light = np.random.default_rng([_SEED, scene.number, 1])
    for place in range(len(pan.motions)):
        writer.write(cv2.cvtColor(pan.frame(place, scene.pixels, light), cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def _visible(head: Box, pan: Pan, number: int) -> Box | None:
    """Where a head of the scene is in a frame; None where much of it is out of it."""
    corners = np.array([[head.x0, head.y0], [head.x1, head.y0], [head.x1, head.y1], [head.x0, head.y1]], np.float32)
    lying = pan.seen(number, corners)
    low, high = np.floor(lying.min(axis=0)).astype(int), np.ceil(lying.max(axis=0)).astype(int)
    whole = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    inside = whole.clipped(WIDTH_PX, HEIGHT_PX)
    return inside if inside.area >= _LEAST_VISIBLE * whole.area else None


def main() -> int:
    """Measure, and print a line an item."""
    parser = argparse.ArgumentParser(prog="python -m lapel_tools.evaluate.filmed_heads", description=__doc__)
    parser.add_argument("kit", type=Path, metavar="KIT", help="as `python -m lapel_tools.synth faces` writes it")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each N-th scene (default: all)")
    parser.add_argument("--frames", type=int, default=FRAMES, metavar="N", help="of each film (default: %(default)s)")
    args = parser.parse_args()
    try:
        for name, value in (("every", args.every), ("frames", args.frames)):
            if value < 1:
                raise UsageError(f"--{name} {value}: give at least 1")
        kit = Kit(args.kit)
        profile, heads, films = load_profile("ci-video"), kit.heads(), []
        models = open_seeing(profile).models
        for number, file in enumerate(kit.pictures("faces")[:: args.every]):
            scene = Scene(file, read_rgb(kit.path("faces", file)), heads.get(file, ()), number)
            finders = watching(models, profile.redaction.delay_frames)  # what they remember is of one film
            films.append(filmed(scene, args.frames, finders, profile.redaction))
        for line in (f"films: {len(films)} of {args.frames} frames", *lines(films)):
            print(line)
    except LapelError as error:
        print(f"filmed_heads: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
