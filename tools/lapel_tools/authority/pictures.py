"""Pictures as devices get them: of a long list small ones, or it would not fit them.

Whoever keeps the list keeps them in full. What a small picture was made of stands in it, by hash, so that it is made
once: the next version takes it from the one that is published, byte for byte, whatever encodes pictures by then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from hashlib import sha256

from lapel.alert.picture import jpeg
from lapel.core.buckets import Bucket
from lapel.core.compact import Level, level_of
from lapel.core.things import Reference
from lapel.errors import Refused, UpdateRefused
from lapel.infer.resemblance import decoded

_MADE = b"device picture 1"
_HASH_BYTES = 16
_COMMENT = b"\xff\xfe" + (2 + _HASH_BYTES).to_bytes(2, "big")
"""A JPEG's comment of that length (ITU-T T.81, B.2.4.5)."""
_HEAD_BYTES = 64
"""In so many it stands."""

Buckets = Iterator[tuple[int, Bucket]]


def for_devices(buckets: Buckets, published: Buckets) -> Buckets:
    """Buckets, by number, with each picture at its level (core.compact); ``published`` are the same of the version
    before, whose pictures are taken where they are what would be made. Raises: Refused for what is no picture."""
    before = _Before(published)
    for number, (entries, references) in buckets:
        if any(_is_too_long(each) for each in references):
            made = before.pictures(number)
            references = tuple(for_device(each, made.get(each.entry_id, ())) for each in references)
        yield number, (entries, references)


def for_device(reference: Reference, made: Collection[bytes] = ()) -> Reference:
    """A reference with its picture as devices get it, one of ``made`` if it is there: of the same entry, or another's
    would be taken for it by a comment that anybody can write. Raises: Refused."""
    if not _is_too_long(reference):
        return reference
    level = level_of(reference.features)
    comment = _COMMENT + _made_of(reference.picture, level)
    fitting = (each for each in made if len(each) <= level.picture_bytes and comment in each[:_HEAD_BYTES])
    return replace(reference, picture=next(fitting, b"") or _small(reference, level, comment))


def is_made_of(small: Reference, full: Reference) -> bool:
    """Whether a picture is what devices get in the place of another. It is made again: a comment proves nothing."""
    level = level_of(small.features)
    comment = _COMMENT + _made_of(full.picture, level)
    return comment in small.picture[:_HEAD_BYTES] and _small(full, level, comment) == small.picture


class _Before:
    """The pictures of a version's buckets, asked for by rising numbers."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets
        self._at, self._references = -1, tuple[Reference, ...]()

    def pictures(self, number: int) -> dict[str, list[bytes]]:
        """Those of one bucket, by entry; none where it cannot be opened any more: it is published anew then."""
        found: dict[str, list[bytes]] = {}
        while self._at < number:
            try:
                self._at, (_, self._references) = next(self._buckets)
            except (StopIteration, UpdateRefused):
                return found
        if self._at == number:
            for each in self._references:
                found.setdefault(each.entry_id, []).append(each.picture)
        return found


def _is_too_long(reference: Reference) -> bool:
    return len(reference.picture) > level_of(reference.features).picture_bytes


def _made_of(picture: bytes, level: Level) -> bytes:
    bounds = f"{level.picture_px} {level.picture_bytes} ".encode()
    return sha256(_MADE + bounds + picture).digest()[:_HASH_BYTES]


def _small(reference: Reference, level: Level, comment: bytes) -> bytes:
    """Its faces were destroyed in what it is made of."""
    shown = decoded(reference.picture)
    if shown is None:
        raise Refused(f"entry {reference.entry_id}: a picture of it cannot be decoded; enrol the entry again")
    made = jpeg(shown, level.picture_px, level.picture_bytes - len(comment))
    head = 4 + int.from_bytes(made[4:6], "big")  # JFIF's own segment stands first
    return made[:head] + comment + made[head:]
