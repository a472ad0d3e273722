"""Lays out what the emulated board is given: frames of the demo's clip, its list, and a film for a watch."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import cv2

from lapel.errors import MediaError
from lapel.store.keys import FileKey
from lapel_tools.demo.commands import program, read
from lapel_tools.demo.fetch import clip_path, street_clip
from lapel_tools.demo.watchlist import make_watchlist

FIRST = range(50)
BICYCLE = range(187, 207)
"""Frames with a listed thing in full view: without them no two machines could be seen to find the same."""
FEW = range(195, 203)
FILMS = {"first": FIRST, "bicycle": BICYCLE, "few": FEW}
REPLAYED = {"board": ("first", "bicycle"), "userland": ("few",)}
"""Which are replayed where: in a userland alone a frame takes ten seconds of CPU and more."""
PICTURE = 200
"""The frame that every network is given."""
_FPS = 25
# The emulator keeps up with no more: a watch looks at the newest frame only, and this is to last for ten minutes.
_WATCH_FPS = 1
_WATCH_FRAMES = 600


def prepare(out: Path) -> None:
    """Fill a folder with films, list and key. This machine's own findings lie in ``FILM.here.json``.

    Raises: LapelError.
    """
    clip = street_clip(clip_path())
    key = out / "trial.key"
    make_watchlist(clip, out / "trial.lapel", FileKey.create(key), frozenset(), datetime.now(UTC).date())
    frames = _frames(clip, max(FIRST.stop, BICYCLE.stop))
    cv2.imwrite(str(out / "picture.png"), frames[PICTURE])
    for name, numbers in FILMS.items():
        _film(out / f"{name}.avi", [frames[number] for number in numbers], _FPS)
        (out / f"{name}.here.json").write_text(replayed(out, name), encoding="utf-8")
    _film(out / "watch.avi", [frames[BICYCLE[number % len(BICYCLE)]] for number in range(_WATCH_FRAMES)], _WATCH_FPS)


def replayed(out: Path, name: str) -> str:
    """What a replay of one of the films ends with on this machine, as JSON."""
    sealed = ["--watchlist", str(out / "trial.lapel"), "--key-file", str(out / "trial.key")]
    return read(
        [program("lapel"), "replay", str(out / f"{name}.avi"), *sealed, "--state", str(out / f"{name}.state"), "--json"]
    )


def _frames(clip: Path, count: int) -> list[cv2.typing.MatLike]:
    opened = cv2.VideoCapture(str(clip))
    frames = [frame for is_read, frame in (opened.read() for _ in range(count)) if is_read]
    if len(frames) != count:
        raise MediaError(f"{clip}: has {len(frames)} frames, {count} are needed; remove it, it is fetched again")
    return frames


def _film(path: Path, frames: list[cv2.typing.MatLike], fps: int) -> None:
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (width, height))
    for frame in frames:
        writer.write(frame)
    writer.release()
