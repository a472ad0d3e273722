"""Keeps a page of the latest alerts, with their pictures, in a folder."""

from __future__ import annotations

import os
import re
import tempfile
from collections import deque
from pathlib import Path

from lapel.alert.fault import Fault
from lapel.alert.laid import pictures_of
from lapel.alert.markup import Card, page
from lapel.alert.words import plain, rows, title
from lapel.core.records import Record
from lapel.core.things import Hit
from lapel.errors import StoreError

PAGE = "index.html"
PICTURES = "pictures"
MOST_ALERTS = 100
_MOST_NOTICES = 20
_OURS = re.compile(r"[0-9]{6,}-(listed|straight|seen)\.jpg")
_JPEG_START = b"\xff\xd8"
_FOLDER_MODE = 0o700
"""Case numbers are on the page: it is for whoever keeps the watch, and for those whom they let in."""


class PageAlerter:
    """Writes ``folder/index.html`` and ``folder/pictures/*.jpg``, newest alert first, at most ``most`` of them.

    The page is that of one run: it begins empty, and the pictures of an earlier run's page go. Each file replaces
    the one before in one step, so whoever reads it, and whatever crashes, finds a whole page whose pictures are
    there. Raises: StoreError when the folder cannot be written at the start.
    """

    def __init__(self, folder: Path, most: int = MOST_ALERTS) -> None:
        self._folder, self._most = folder, most
        self._cards: deque[Card] = deque()
        self._notices: deque[str] = deque(maxlen=_MOST_NOTICES)
        self._count = 0
        self._fault = Fault(f"{folder}: the report page cannot be written", "the journal still keeps the alerts")
        try:
            folder.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
            (folder / PICTURES).mkdir(_FOLDER_MODE, exist_ok=True)
            self._write_page()
            self._forget_pictures(())
        except OSError as trouble:
            raise StoreError(
                f"{folder}: the report page cannot be written: {trouble.strerror}; name another folder"
            ) from trouble

    def alert(self, hit: Hit, record: Record | None) -> None:
        """Put a possible match at the head of the page."""
        with self._fault.said_once():
            self._count += 1
            stem, pictures = f"{PICTURES}/{self._count:06d}", pictures_of(hit)
            self._cards.appendleft(
                Card(
                    number=self._count,
                    title=title(hit),
                    check=plain(hit.entry.check),
                    rows=tuple(row for row in rows(hit, record) if row.name != "What to check"),
                    reference=self._picture(f"{stem}-listed.jpg", pictures.listed),
                    straight=self._picture(f"{stem}-straight.jpg", pictures.straight),
                    crop=self._picture(f"{stem}-seen.jpg", pictures.seen),
                )
            )
            while len(self._cards) > self._most:
                self._cards.pop()
            self._write_page()
            self._forget_pictures(tuple(self._cards))

    def notice(self, text: str) -> None:
        """Put a line about the appliance itself on the page."""
        with self._fault.said_once():
            self._notices.append(text)
            self._write_page()

    def _picture(self, name: str, jpeg: bytes) -> str:
        """The name under which a picture stands beside the page; empty where there is none."""
        if not jpeg.startswith(_JPEG_START):
            return ""
        _replace(self._folder / name, jpeg)
        return name

    def _write_page(self) -> None:
        text = page(tuple(self._cards), tuple(self._notices), self._count - len(self._cards))
        _replace(self._folder / PAGE, text.encode("utf-8", "replace"))

    def _forget_pictures(self, cards: tuple[Card, ...]) -> None:
        kept = {path for card in cards for path in (card.reference, card.straight, card.crop)}
        for picture in (self._folder / PICTURES).iterdir():
            if _OURS.fullmatch(picture.name) and f"{PICTURES}/{picture.name}" not in kept:
                picture.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that its name leads to the old content or to the new, and never to a part of it; mode 0600."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
