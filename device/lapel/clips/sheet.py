"""A contact sheet: the stills of a clip side by side on one picture, for looking at without a player."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import ceil

import cv2
import numpy as np

from lapel.core.clip_records import ClipHead
from lapel.core.things import Pixels
from lapel.errors import MediaError

COLUMNS = 4
WIDTH_PX = 320
_LABEL_PX = 18
_WHITE = (255, 255, 255)


def contact_sheet(head: ClipHead, content: bytes, most: int = 20) -> bytes:
    """At most ``most`` stills as a JPEG, those at alerts among them; under each its stream time, and what was alerted.

    Raises: MediaError where the film does not open or has other pictures than its head says.
    """
    wanted, tiles, count = set(_chosen(head, most)), [], 0
    for at, pixels in enumerate(pictures_of(content, head.id)):  # one at a time: a minute of them is half a gigabyte
        count += 1
        if at in wanted:
            tiles.append(_tile(pixels, _words(head, at)))
    if count != len(head.stills_s):
        raise MediaError(f"clip {head.id}: {count} of its {len(head.stills_s)} stills can be read; export it")
    rows = ceil(len(tiles) / COLUMNS)
    height = tiles[0].shape[0]
    sheet = np.zeros((rows * height, COLUMNS * WIDTH_PX, 3), np.uint8)
    for place, tile in enumerate(tiles):
        y, x = place // COLUMNS * height, place % COLUMNS * WIDTH_PX
        sheet[y : y + height, x : x + WIDTH_PX] = tile
    return bytes(cv2.imencode(".jpg", sheet, (cv2.IMWRITE_JPEG_QUALITY, 85))[1].tobytes())


def pictures_of(content: bytes, name: str) -> Iterator[Pixels]:
    """Every picture of a film, BGR u8[h, w, 3]; the film stays in memory. Raises: MediaError."""
    handle = os.memfd_create("clip")
    try:
        with os.fdopen(os.dup(handle), "wb") as file:
            file.write(content)
        film = cv2.VideoCapture(f"/proc/self/fd/{handle}", cv2.CAP_FFMPEG)
        if not film.isOpened():
            raise MediaError(f"clip {name}: its film does not open; export it and try a player")
        try:
            while True:
                is_read, pixels = film.read()
                if not is_read:
                    break
                yield np.asarray(pixels, np.uint8)
        finally:
            film.release()
    finally:
        os.close(handle)


def _chosen(head: ClipHead, most: int) -> list[int]:
    """The stills at the alerts, and others evenly between the first and the last."""
    at_alerts = sorted({_nearest(head, at_s) for at_s in head.alerts_s})[:most]
    evenly = np.linspace(0, len(head.stills_s) - 1, most - len(at_alerts)).round().astype(int)
    return sorted({*at_alerts, *map(int, evenly)})


def _tile(pixels: Pixels, words: str) -> Pixels:
    height = max(1, round(pixels.shape[0] * WIDTH_PX / pixels.shape[1]))
    tile = np.zeros((height + _LABEL_PX, WIDTH_PX, 3), np.uint8)
    tile[:height] = cv2.resize(pixels, (WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    cv2.putText(tile, words, (4, height + _LABEL_PX - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _WHITE, 1, cv2.LINE_AA)
    return tile


def _words(head: ClipHead, at: int) -> str:
    here = [entry for entry, at_s in zip(head.entries, head.alerts_s, strict=True) if _nearest(head, at_s) == at]
    return f"{head.stills_s[at]:.2f} s" + (f"  ALERT {', '.join(here)}"[:36] if here else "")


def _nearest(head: ClipHead, at_s: float) -> int:
    return min(range(len(head.stills_s)), key=lambda at: abs(head.stills_s[at] - at_s))
