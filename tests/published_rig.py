"""A device and an authority in memory that publishes lists to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tuf.api.metadata import TargetFile

from fakes.authority import NOON, Authority
from lapel.core.buckets import bucketed
from lapel.core.gallery import Gallery
from lapel.core.listed import Listed
from lapel.core.manifest import Manifest
from lapel.core.withdrawals import Withdrawal, newest_serial
from lapel.fakes.gallery import MODEL_SHA256, made_up_entry, made_up_gallery
from lapel.fakes.keys import FixedKey
from lapel.store.choosing import LISTS, Device
from lapel.store.gallery import read_gallery
from lapel.store.needs import Needs
from lapel.store.pieces import PIECES, Pieces, Pulled
from lapel.store.pinning import pin
from lapel.store.staging import Taken, recorded, take_list, take_metadata, withdraw_held
from lapel.store.trust import WATCHLIST, Trust, read_trust
from lapel_tools.authority.packing import Recipient, new_list_key, pack, seal_keys

TODAY = NOON.date()
SECRET = bytes(32)
BUCKETS = 4


def crates(count: int, **changes: object) -> Gallery:
    """A list of so many crates, made today."""
    entries = tuple(made_up_entry(f"crate-{n}", TODAY + timedelta(days=80)) for n in range(count))
    return replace(made_up_gallery(TODAY, entries), **changes)  # type: ignore[arg-type]


@dataclass
class Lists:
    """An authority that publishes lists, each change of a manifest signed like the honest ones."""

    authority: Authority = field(default_factory=Authority)
    manifests: dict[str, bytes] = field(default_factory=dict)
    chunks: dict[str, bytes] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)

    def manifest_of(self, gallery: Gallery, version: int = 1, **changes: object) -> Manifest:
        """The manifest of a list, its chunks published; ``changes`` are made to what is signed."""
        list_key, terms = new_list_key(), gallery.terms
        parts = bucketed(gallery.entries, gallery.references, BUCKETS).items()
        packed = pack(parts, gallery.calibration, gallery.decoys, SECRET, list_key, self.chunks.__setitem__)
        keys = tuple(Recipient(f"device/{name}", key, False) for name, key in self.devices.items())
        manifest = Manifest(
            terms.list_id,
            version,
            "stolen crates",
            "court",
            gallery.model_sha256,
            terms.created,
            terms.created,
            terms.expires,
            ("patrol",),
            0,
            packed.entries,
            packed.references,
            BUCKETS,
            packed.pages,
            seal_keys(keys, list_key, SECRET, terms.list_id, version, self.chunks.__setitem__),
        )
        return replace(manifest, **changes)  # type: ignore[arg-type]

    def publish(
        self, gallery: Gallery, version: int = 1, by: tuple[str, ...] = ("alice", "bob"), **changes: object
    ) -> None:
        """Sign a list and publish it."""
        self.publish_bytes(gallery.terms.list_id, self.manifest_of(gallery, version, **changes).encoded(), by)

    def publish_bytes(self, list_id: str, data: bytes, by: tuple[str, ...] = ("alice", "bob")) -> None:
        """Sign any bytes as a manifest."""
        name = sha256(data).hexdigest()
        self.manifests[name] = data
        path = f"{LISTS}{list_id}"
        self.authority.targets[path] = TargetFile(len(data), {"sha256": name}, path)
        self.authority.publish(by)

    def withdraw(self, *entry_ids: str, list_id: str = "springfield", by: str = "carol") -> None:
        """One administrator withdraws entries; "" withdraws the whole list."""
        for entry_id in entry_ids:
            serial = newest_serial(self.authority.withdrawn) + 1
            self.authority.withdraw(Withdrawal(serial, list_id, entry_id, "given back", by, "2026-03-01"), by=(by,))

    def metadata(self, name: str) -> bytes | None:
        """Port Offer."""
        return self.authority.files.get(name)

    def manifest(self, sha256: str) -> bytes | None:
        """Port Offer."""
        return self.manifests.get(sha256)

    def chunk(self, sha256: str) -> bytes | None:
        """Port Offer."""
        return self.chunks.get(sha256)


class Camera:
    """A device that trusts an authority."""

    def __init__(self, state: Path, lists: Lists, name: str = "cam-1", group: str = "patrol") -> None:
        self.keys = FixedKey()
        self.lists = lists
        self.device = Device(state, self.keys, MODEL_SHA256)
        described = pin(state, lists.authority.pinned, name, group, self.keys).described()
        lists.devices[name] = described["sealing"]

    def take(
        self,
        clock: datetime | None = None,
        list_id: str | None = None,
        progress: Callable[[float], None] = lambda share: None,
    ) -> Taken:
        """Take what is published, as an import does."""
        before = self.trust()
        trust, published = take_metadata(self.device, before, self.lists, clock or self.lists.authority.now)
        withdrawn = withdraw_held(self.device, trust)
        recorded(self.device, trust, withdrawn)
        _, taken = take_list(self.device, trust, published, self.lists, answers, list_id, progress)
        return replace(taken, withdrawn=tuple(dict.fromkeys((*withdrawn, *taken.withdrawn))))

    def receive(self) -> Taken:
        """Take what is published, as a link does: metadata is heeded, pieces come that are lacking, the list is taken,
        others go."""
        lists, pieces = self.lists, Pieces(self.device.state / PIECES)
        held = {sha256(data).hexdigest(): data for data in (*lists.authority.files.values(), *lists.manifests.values())}
        held |= lists.chunks

        def come(names: Iterable[str]) -> None:
            for name in names:
                if not pieces.has(name):
                    pieces.put(name, held[name])

        offer = Pulled(pieces, {name: sha256(data).hexdigest() for name, data in lists.authority.files.items()})
        needs, before = Needs(offer.files.values()), self.trust()
        come(offer.files.values())
        trust, published = take_metadata(self.device, before, offer, lists.authority.now)
        recorded(self.device, trust, withdraw_held(self.device, trust))
        for names in needs.steps(self.device, trust, published, offer, pieces, None):
            come(names)
        _, taken = take_list(self.device, trust, published, offer, answers)
        pieces.keep_only(needs.sha256)
        return taken

    def listed(self) -> set[str]:
        """Ids on the list that the device would watch by; none where it has no list."""
        path = self.device.state / WATCHLIST
        return {entry.id for entry in read_gallery(path, self.keys).entries} if path.exists() else set()

    def until(self) -> date:
        """The last day of the list that it has: nothing matches after it."""
        return read_gallery(self.device.state / WATCHLIST, self.keys).terms.expires

    def told(self) -> set[tuple[int, str]]:
        """Serials and entries of the withdrawals that it has seen."""
        return {(each.serial, each.entry_id) for each in self.trust().withdrawals}

    def trust(self) -> Trust:
        """What it trusts."""
        trust = read_trust(self.device.state, self.keys)
        assert trust is not None
        return trust

    def files(self) -> dict[str, bytes]:
        """The state folder."""
        return {path.name: path.read_bytes() for path in self.device.state.iterdir()}


def with_three_crates(state: Path, lists: Lists) -> Camera:
    """A device of the group patrol that has a list of three crates, version 1."""
    camera = Camera(state, lists)
    lists.publish(crates(3))
    camera.take()
    return camera


def answers(listed: Listed) -> None:
    """A self-test that always passes."""


def another_key() -> str:
    """A key that nobody here has."""
    return X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
