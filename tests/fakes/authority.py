"""An authority in memory that signs, rolls back, expires and truncates at will: what a device must stand up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

from lapel.core.wipes import WipeOrder
from lapel.core.withdrawals import Withdrawal
from lapel.store.trusted import WITHDRAWALS
from lapel.store.withdrawal_terms import wipe_target, withdrawal_target
from lapel_tools.authority.administrators import Administrator, PublicAdministrator
from lapel_tools.authority.roles import (
    TIMESTAMP_DAYS,
    root_of,
    snapshot_of,
    targets_of,
    timestamp_of,
    withdrawals_of,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_administrator(name: str) -> Administrator:
    """Keys that never touch a disk, always the same for a name."""
    signing = Ed25519PrivateKey.from_private_bytes(sha256(f"signing {name}".encode()).digest())
    sealing = X25519PrivateKey.from_private_bytes(sha256(f"sealing {name}".encode()).digest())
    public = PublicAdministrator(
        name, signing.public_key().public_bytes_raw().hex(), sealing.public_key().public_bytes_raw().hex()
    )
    return Administrator(public, CryptoSigner(signing), sealing)


@dataclass
class Authority:
    """What it published lies in ``files`` by name. Everyone whom ``by`` names signs, whether they may or not."""

    names: tuple[str, ...] = ("alice", "bob", "carol")
    now: datetime = NOON
    files: dict[str, bytes] = field(default_factory=dict)
    targets: dict[str, TargetFile] = field(default_factory=dict)
    withdrawn: tuple[Withdrawal, ...] = ()
    wipes: tuple[WipeOrder, ...] = ()
    timestamp_days: int = TIMESTAMP_DAYS
    online: CryptoSigner = field(default_factory=CryptoSigner.generate_ed25519)
    versions: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rotate(self.names)
        self.publish()

    @property
    def pinned(self) -> bytes:
        """The root that a device was given."""
        return self.files["1.root.json"]

    def rotate(self, names: tuple[str, ...], by: Iterable[str] = ("alice", "bob"), threshold: int = 2) -> None:
        """A new root; publish afterwards."""
        self.names = names
        people = tuple(an_administrator(name).public for name in names)
        self.root = root_of(people, threshold, self.online.public_key, self._next("root"), self.now)
        self.put_root(self.root, by)

    def put_root(self, root: Root, by: Iterable[str]) -> None:
        """Publish any root at all."""
        self.files[f"{root.version}.root.json"] = signed(Metadata(root), by)

    def publish(self, by: Iterable[str] = ("alice", "bob"), withdrawn_by: Iterable[str] = ()) -> None:
        """The next version of everything below the root; withdrawals are signed by the last administrator."""
        self.put_targets(targets_of(self.root, self.targets, self._next("targets"), self.now), by)
        self.withdraw(by=withdrawn_by or self.names[-1:])

    def put_targets(self, targets: Targets, by: Iterable[str]) -> None:
        """Publish any targets at all; say so afterwards by ``snapshot``."""
        self.files[f"{targets.version}.targets.json"] = signed(Metadata(targets), by)

    def withdraw(self, *added: Withdrawal, by: Iterable[str] = ("carol",)) -> None:
        """The next version of the withdrawals, and of what says that it is the newest."""
        self.withdrawn = (*self.withdrawn, *added)
        said = (*map(withdrawal_target, self.withdrawn), *map(wipe_target, self.wipes))
        listed = {each.path: each for each in said}
        document = withdrawals_of(listed, self._next(WITHDRAWALS), self.now)
        self.files[f"{document.version}.{WITHDRAWALS}.json"] = signed(Metadata(document), by)
        self.snapshot()

    def order_wipe(self, sealing: str, by: str = "carol") -> None:
        """One administrator has the device of that key wiped."""
        self.wipes = (*self.wipes, WipeOrder("cam-1", sealing, "lost", by, self.now.isoformat()))
        self.withdraw(by=(by,))

    def snapshot(self) -> None:
        """Say that the newest versions belong together."""
        newest = {role: self.files[f"{self.versions[role]}.{role}.json"] for role in ("targets", WITHDRAWALS)}
        self.put_snapshot(snapshot_of(newest, self._next("snapshot"), self.now))

    def put_snapshot(self, snapshot: Snapshot) -> None:
        """Publish any snapshot at all, as the newest."""
        data = self._online(Metadata(snapshot))
        self.files[f"{snapshot.version}.snapshot.json"] = data
        self.put_timestamp(timestamp_of(data, self._next("timestamp"), self.now, self.timestamp_days))

    def put_timestamp(self, timestamp: Timestamp) -> None:
        """Publish any timestamp at all."""
        self.files["timestamp.json"] = self._online(Metadata(timestamp))

    def fetch(self, name: str) -> bytes | None:
        """What a device is given of a name."""
        return self.files.get(name)

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now

    def newest(self, role: str) -> Metadata[Targets]:
        """The newest document of a role, to change and to publish again."""
        return Metadata.from_bytes(self.files[f"{self.versions[role]}.{role}.json"])

    def _next(self, role: str) -> int:
        self.versions[role] = self.versions.get(role, 0) + 1
        return self.versions[role]

    def _online(self, metadata: Metadata[Snapshot] | Metadata[Timestamp]) -> bytes:
        metadata.sign(self.online)
        return metadata.to_bytes()


def signed(metadata: Metadata[Root] | Metadata[Targets], by: Iterable[str]) -> bytes:
    """Signed by whoever is named, whether they may or not."""
    for name in by:
        metadata.sign(an_administrator(name).signer, append=True)
    return metadata.to_bytes()
