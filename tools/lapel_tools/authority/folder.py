"""An authority's folder: what is published, what is proposed, and the key that is online.

``public/`` is what devices may have: metadata, manifests and chunks. ``proposal/`` waits for signatures. ``online.key``
belongs on the machine that publishes, and nowhere else. Administrators' keys are never in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.errors import ConfigError, UsageError
from lapel.store.keys import FileKey
from lapel.store.lock import WriterLock
from lapel.store.published import PublishedFolder
from lapel.store.trusted import WITHDRAWALS, loaded

_ONLINE_PURPOSE = "online roles"
_REMEDIES = {
    WITHDRAWALS: "give a shorter --reason, or have several sign lapel-admin propose and then authority rotate "
    "--drop-settled, which make room",
    Targets.type: "publish fewer lists",
    Root.type: "name fewer administrators",
}
S = TypeVar("S", Root, Timestamp, Snapshot, Targets)


@dataclass(frozen=True, slots=True)
class Current:
    """The newest published metadata of every role, as it lies there: expired or not."""

    root: Metadata[Root]
    timestamp: Metadata[Timestamp]
    snapshot: Metadata[Snapshot]
    targets: Metadata[Targets]
    withdrawals: Metadata[Targets]


@dataclass(frozen=True, slots=True)
class AuthorityFolder:
    """The folder at ``path``."""

    path: Path

    @property
    def public(self) -> PublishedFolder:
        """What devices may have."""
        return PublishedFolder(self.path / "public")

    @property
    def proposal(self) -> Path:
        """Where a proposal waits."""
        return self.path / "proposal"

    def alone(self) -> WriterLock:
        """The right to change what is published or proposed: each reads what the one before has written, and never
        holds it while a person reads or a list is packed. Raises: StoreLocked, StoreError."""
        return WriterLock(self.public.path, "let that command end, then run this one again")

    def newest_root(self) -> Metadata[Root] | None:
        """The newest published root; None before the first is published. Raises: UpdateRefused."""
        found: Metadata[Root] | None = None
        while True:
            version = found.signed.version + 1 if found else 1
            data = self.public.metadata(f"{version}.root.json")
            if data is None:
                return found
            found = loaded(f"{version}.root.json", data, Root)

    def current(self) -> Current:
        """What is published. Raises: UsageError where nothing is, UpdateRefused."""
        root = self.newest_root()
        if root is None:
            raise UsageError(f"{self.path}: nothing is published yet; sign the proposal, then lapel-admin publish")
        timestamp = self._read("timestamp.json", Timestamp)
        snapshot = self._read(f"{timestamp.signed.snapshot_meta.version}.snapshot.json", Snapshot)
        meta = snapshot.signed.meta
        targets = self._read(f"{meta['targets.json'].version}.targets.json", Targets)
        withdrawals = self._read(f"{meta[WITHDRAWALS + '.json'].version}.{WITHDRAWALS}.json", Targets)
        return Current(root, timestamp, snapshot, targets, withdrawals)

    def make_online_key(self) -> CryptoSigner:
        """A new key for snapshot and timestamp, which waits until the root that lists it is published.

        Raises: StoreError, ConfigError.
        """
        newest = self.newest_root()
        if newest is not None:  # of a publication that was cut off it may be the one in use
            self.take_online_key(newest.signed)
        self._next_key.unlink(missing_ok=True)
        FileKey.create(self._next_key)
        return _online(self._next_key)

    def take_online_key(self, root: Root) -> None:
        """Use the key that waits, if a root that was published lists it; one of a rotation that was dropped goes.

        Raises: ConfigError for a key that cannot be read.
        """
        if not self._next_key.exists():
            return
        if _is_listed(_online(self._next_key), root):
            self._next_key.replace(self._key)
        else:
            self._next_key.unlink()

    def online(self, root: Root) -> CryptoSigner:
        """The key that a root lists for what is newest: the one in use, or the one that waits for that root.

        Raises: ConfigError where it is not here, or where none here is the one listed.
        """
        there = [_online(path) for path in (self._key, self._next_key) if path.exists()]
        for each in there:
            if _is_listed(each, root):
                return each
        said = "the online key is not here" if not there else "is not the online key that the root lists"
        raise ConfigError(
            f"{self._key}: {said}, and nothing was published: publish, renew, withdraw and wipe on the publishing "
            "machine, which has it; where it is lost, lapel-admin authority rotate --new-online-key there"
        )

    def put(self, name: str, metadata: Metadata[S]) -> bytes:
        """Publish one file of metadata; returns its bytes. Raises: UsageError (``fitting``), StoreError."""
        data = fitting(name, metadata.to_bytes())
        self.public.put_metadata(name, data)
        return data

    @property
    def _key(self) -> Path:
        return self.path / "online.key"

    @property
    def _next_key(self) -> Path:
        return self.path / "online.next.key"

    def _read(self, name: str, kind: type[S]) -> Metadata[S]:
        data = self.public.metadata(name)
        if data is None:
            raise UsageError(f"{self.public.path}: has no {name}; copy the whole folder of the authority")
        return loaded(name, data, kind)


def fitting(name: str, data: bytes) -> bytes:
    """The bytes of one file of metadata. Raises: UsageError for so many that every device would refuse them."""
    if len(data) > LARGEST_MESSAGE_BYTES:
        remedy = _REMEDIES.get(name.split(".")[-2], "publish less")
        raise UsageError(
            f"{name}: would have {len(data)} bytes, and no device takes over {LARGEST_MESSAGE_BYTES}; nothing was "
            f"published: {remedy}"
        )
    return data


def _is_listed(signer: CryptoSigner, root: Root) -> bool:
    return signer.public_key.keyid in root.roles[Timestamp.type].keyids


def _online(path: Path) -> CryptoSigner:
    return CryptoSigner(Ed25519PrivateKey.from_private_bytes(FileKey(path).derive(_ONLINE_PURPOSE, b"")))
