"""Opens a list, published or proposed, with an administrator's key: what it says, and what it was made with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tuf.api.metadata import Targets

from lapel.core.buckets import Bucket, bucket_of
from lapel.core.gallery import Gallery
from lapel.core.manifest import Manifest
from lapel.store.choosing import LISTS, signed_manifest
from lapel.store.key_pages import ADMINISTRATOR, SealedKey, decode_key_page
from lapel.store.published import PublishedFolder
from lapel.store.unpacking import LIST_KEY_BYTES, Unpacked, opened_key, page_content
from lapel_tools.authority.administrators import Administrator


@dataclass(frozen=True, eq=False)
class Opened:
    """A list, and the secret that the keys of its chunks are made from. ``recipients`` may open it. ``part`` is what of
    it is to be looked at, where that is not all."""

    unpacked: Unpacked
    secret: bytes
    recipients: tuple[SealedKey, ...]
    part: Gallery | None = None

    @property
    def manifest(self) -> Manifest:
        """What was signed."""
        return self.unpacked.manifest

    @cached_property
    def gallery(self) -> Gallery:
        """The part, or all of the list, in memory. Raises: UpdateRefused."""
        return whole(self.unpacked) if self.part is None else self.part

    def buckets(self, count: int) -> Iterator[tuple[int, Bucket]]:
        """Its buckets, where it has so many; else none. Raises: UpdateRefused."""
        return self.unpacked.buckets() if self.manifest.buckets == count else iter(())

    def among(self, ids: Iterable[str]) -> frozenset[str]:
        """Which of some ids are listed: only their buckets are read. Raises: UpdateRefused."""
        wanted = frozenset(ids) - {""}
        numbers = {bucket_of(entry_id, self.manifest.buckets) for entry_id in wanted}
        return wanted & {entry.id for _, (entries, _) in self.unpacked.of_numbers(numbers) for entry in entries}


@dataclass(frozen=True, slots=True)
class Shelves:
    """Folders that are looked through one after the other, as a proposal has only what is new."""

    folders: tuple[PublishedFolder, ...]

    def manifest(self, name: str) -> bytes | None:
        """The manifest of a SHA-256."""
        return self._first(lambda folder: folder.manifest(name))

    def chunk(self, name: str) -> bytes | None:
        """The chunk of a SHA-256."""
        return self._first(lambda folder: folder.chunk(name))

    def _first(self, read: Callable[[PublishedFolder], bytes | None]) -> bytes | None:
        return next((data for data in map(read, self.folders) if data is not None), None)


def open_list(targets: Targets, list_id: str, shelves: Shelves, administrator: Administrator) -> Opened | None:
    """The list, if it is among the targets. Raises: Refused, UpdateRefused for one that is not what was signed."""
    target = targets.targets.get(f"{LISTS}{list_id}")
    if target is None:
        return None
    manifest = signed_manifest(target, shelves.manifest)
    name = f"{ADMINISTRATOR}{administrator.public.name}"
    secret = opened_key(manifest, name, administrator.opener, shelves.chunk)
    unpacked = Unpacked.of(manifest, secret[:LIST_KEY_BYTES], shelves.chunk)
    recipients = tuple(key for page in manifest.keys for key in decode_key_page(page_content(page, shelves.chunk)))
    return Opened(unpacked, secret[LIST_KEY_BYTES:], recipients)


def whole(unpacked: Unpacked) -> Gallery:
    """All of a list, in memory. Raises: UpdateRefused."""
    return gallery_of(unpacked, [bucket for _, bucket in unpacked.inspected()])


def gallery_of(unpacked: Unpacked, buckets: Sequence[Bucket]) -> Gallery:
    """Some buckets of a list, with all that it says before its entries."""
    entries = tuple(entry for listed, _ in buckets for entry in listed)
    references = tuple(reference for _, described in buckets for reference in described)
    said = unpacked.preface
    return Gallery(said.terms, said.model_sha256, entries, references, said.calibration, said.decoys)
