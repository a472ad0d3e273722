"""What is to stand on the broker: the newest metadata, the manifests that it signs, and the chunks of those."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TypeVar

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from lapel.errors import Refused, UsageError
from lapel.link.news import News, news_of
from lapel.store.choosing import LISTS, signed_manifest
from lapel.store.published import PublishedFolder
from lapel.store.trusted import WITHDRAWALS, loaded

S = TypeVar("S", Root, Timestamp, Snapshot, Targets)


@dataclass(frozen=True, slots=True)
class Contents:
    """Each piece by its SHA-256, and what reads it; ``news`` leads to them."""

    news: News
    pieces: dict[str, Callable[[], bytes | None]]
    timestamp: int


def contents_of(folder: PublishedFolder, now: datetime) -> Contents:
    """What a published folder holds now, older versions of its lists left out.

    Raises: UsageError where nothing is published there, Refused for what no device would take, UpdateRefused,
    StoreError.
    """
    files: dict[str, bytes] = {}

    def read(name: str, kind: type[S]) -> S:
        data = folder.metadata(name)
        if data is None:
            raise UsageError(f"{folder.path}: has no {name}; give the folder that lapel-admin publish wrote, whole")
        files[name] = data
        return loaded(name, data, kind).signed

    timestamp = read("timestamp.json", Timestamp)
    if timestamp.is_expired(now):
        raise Refused(
            f"timestamp.json: expired on {timestamp.expires:%Y-%m-%d %H:%M} UTC, every device refuses it; "
            "lapel-admin publish --renew"
        )
    meta = read(f"{timestamp.snapshot_meta.version}.snapshot.json", Snapshot).meta
    targets = read(f"{meta['targets.json'].version}.targets.json", Targets)
    read(f"{meta[f'{WITHDRAWALS}.json'].version}.{WITHDRAWALS}.json", Targets)
    version = 1
    while folder.metadata(f"{version}.root.json") is not None:
        read(f"{version}.root.json", Root)
        version += 1
    named = {name: sha256(data).hexdigest() for name, data in files.items()}
    pieces: dict[str, Callable[[], bytes | None]] = {named[name]: partial(folder.metadata, name) for name in files}
    for path, target in targets.targets.items():
        if path.startswith(LISTS):
            signed_manifest(target, folder.manifest)
            manifest = target.hashes["sha256"]
            pieces[manifest] = partial(folder.manifest, manifest)
            for chunk in folder.chunks_of(manifest):
                pieces[chunk] = partial(folder.chunk, chunk)
    return Contents(news_of(named), pieces, timestamp.version)
