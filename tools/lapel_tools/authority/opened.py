"""Opens a list, published or proposed, with an administrator's key: what it says, and what it was made with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from tuf.api.metadata import TargetFile, Targets

from lapel.core.gallery import Gallery
from lapel.core.manifest import Manifest, decode_manifest
from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.errors import Refused
from lapel.store.key_pages import ADMINISTRATOR, SealedKey, decode_key_page
from lapel.store.published import PublishedFolder
from lapel.store.unpacking import LIST_KEY_BYTES, gallery_from, opened_key, page_content
from lapel_tools.authority.administrators import Administrator

LISTS = "lists/"


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A list, and the secret that the keys of its chunks are made from. ``recipients`` may open it."""

    manifest: Manifest
    gallery: Gallery
    secret: bytes
    recipients: tuple[SealedKey, ...]


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
    manifest = manifest_of(target, shelves)
    name = f"{ADMINISTRATOR}{administrator.public.name}"
    secret = opened_key(manifest, name, administrator.opener, shelves.chunk)
    gallery = gallery_from(manifest, secret[:LIST_KEY_BYTES], shelves.chunk)
    recipients = tuple(key for page in manifest.keys for key in decode_key_page(page_content(page, shelves.chunk)))
    return Opened(manifest, gallery, secret[LIST_KEY_BYTES:], recipients)


def manifest_of(target: TargetFile, shelves: Shelves) -> Manifest:
    """The manifest of a target. Raises: Refused where it is not the one that is signed, or says what none may."""
    name = target.hashes.get("sha256", "")
    data = shelves.manifest(name)
    if data is None or sha256(data).hexdigest() != name or len(data) != target.length:
        raise Refused(f"{target.path}: its manifest is gone or was changed; copy the whole folder of the authority")
    try:
        manifest = decode_manifest(data, LARGEST_MESSAGE_BYTES)
    except ValueError as error:
        raise Refused(f"{target.path}: its manifest {error}") from error
    if f"{LISTS}{manifest.list_id}" != target.path:
        raise Refused(f"{target.path}: its manifest is of list {manifest.list_id}; it was not made by lapel-admin")
    return manifest
