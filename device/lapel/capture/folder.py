"""A folder of pictures as a source: sorted by name, one second apart."""

from __future__ import annotations

from pathlib import Path

from lapel.capture.picture import SUFFIXES, read_picture
from lapel.capture.raw import RawFrame
from lapel.errors import MediaError


class PictureFolder:
    """Every picture of a folder, sorted by file name; a file that is no good picture stops it with a clear error."""

    is_live = False
    is_moving = False
    fps = 1.0

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pictures: tuple[Path, ...] = ()
        self._number = 0
        self.ending = ""

    @property
    def name(self) -> str:
        """The folder's path as it was given."""
        return str(self._path)

    def open(self) -> None:
        """Start at the first picture. Raises: MediaError."""
        if not self._path.is_dir():
            raise MediaError(f"{self.name}: no such folder; check the path")
        self._pictures = tuple(sorted(p for p in self._path.iterdir() if p.suffix.lower() in SUFFIXES))
        if not self._pictures:
            raise MediaError(f"{self.name}: no pictures in this folder; it takes {', '.join(sorted(SUFFIXES))}")
        self._number, self.ending = 0, ""

    def read(self) -> RawFrame | None:
        """The next picture, or None after the last. Raises: MediaError."""
        if self._number == len(self._pictures):
            self.ending = f"{self.name}: end of folder after {self._number} pictures"
            return None
        frame = read_picture(self._pictures[self._number], self._number, self._number / self.fps)
        self._number += 1
        return frame

    def close(self) -> None:
        """Nothing is held open between pictures."""
        self._pictures = ()
        self._number = 0
