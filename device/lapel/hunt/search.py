"""Searches whatever was written or sent for the marks of drawn faces."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapel.hunt.mark import Likeness, likeness
from lapel.hunt.pictures import films, pictures
from lapel.hunt.rows import LEAST_BYTES, bare_pictures
from lapel.hunt.wrappings import unwrapped

Grey = NDArray[np.uint8]
MOST_WRAPPINGS = 4
_SMALLEST_SIDE_PX = 8
_MOSTLY_TEXT = 0.99
_TEXT = np.zeros(256, np.bool_)
_TEXT[[9, 10, 13, *range(32, 127)]] = True


@dataclass(frozen=True, slots=True)
class Leak:
    """A mark that was found. ``where`` leads to it: the file, what was unwrapped, the picture and its first byte."""

    where: str
    likeness: Likeness


@dataclass(slots=True)
class Search:
    """Looks through bytes, each content once, and counts what it looked at, so that a search of nothing is no proof."""

    files: int = 0
    octets: int = 0
    pictures: int = 0
    _known: set[bytes] = field(default_factory=set)

    def folder(self, folder: Path, read: Callable[[Path], bytes] = Path.read_bytes) -> Iterator[Leak]:
        """Leaks in every file beneath a folder, as ``read`` gives its content."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                self.files += 1
                yield from self.content(str(path.relative_to(folder)), read(path))

    def content(self, where: str, data: bytes) -> Iterator[Leak]:
        """Leaks in some bytes, and in everything that is wrapped in them."""
        self.octets += len(data)
        yield from self._within(where, data, MOST_WRAPPINGS)

    def _within(self, where: str, data: bytes, wrappings: int) -> Iterator[Leak]:
        digest = hashlib.blake2b(data, digest_size=16).digest()
        if digest in self._known:
            return
        self._known.add(digest)
        begins_with_picture = False
        for name, grey in chain(pictures(data), films(data)):
            begins_with_picture |= name.endswith(" at 0")
            yield from self._seen(f"{where} › {name}", grey, is_guess=False)
        if len(data) >= LEAST_BYTES and not begins_with_picture and not _is_text(data):
            for grey in bare_pictures(data):
                yield from self._seen(f"{where} › bare pixels", grey, is_guess=True)
        if wrappings:
            for name, content in unwrapped(data):
                yield from self._within(f"{where} › {name}", content, wrappings - 1)

    def _seen(self, where: str, grey: Grey, is_guess: bool) -> Iterator[Leak]:
        if min(grey.shape) < _SMALLEST_SIDE_PX:
            return
        self.pictures += 1
        like = likeness(grey, is_guess)
        if like.is_mark:
            yield Leak(where, like)


def _is_text(data: bytes) -> bool:
    return bool(_TEXT[np.frombuffer(data, np.uint8)].mean() > _MOSTLY_TEXT)
