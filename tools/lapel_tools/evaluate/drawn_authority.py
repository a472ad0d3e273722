"""Three administrators and the long made-up lists that two of them sign and publish, for measuring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, TargetFile

from lapel.core.buckets import bucket_count
from lapel.core.manifest import Manifest
from lapel.infer.manifest import ModelStore
from lapel.store.choosing import LISTS
from lapel.store.key_pages import ADMINISTRATOR, DEVICE
from lapel.store.published import PublishedFolder
from lapel_tools.authority.administrators import Administrator, PublicAdministrator
from lapel_tools.authority.devices import Device, write_devices
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.packing import Put, Recipient, new_list_key, new_secret, pack, put_manifest, seal_keys
from lapel_tools.authority.proposal import Proposal, draft, read_proposal, sign
from lapel_tools.authority.publish import publish
from lapel_tools.authority.roles import TIMESTAMP_DAYS, targets_of
from lapel_tools.authority.rotation import founded
from lapel_tools.authority.withdraw import Wanted, withdraw
from lapel_tools.cli.administrator import now
from lapel_tools.evaluate.delta import Drawn

LIST_ID = "drawn"
_NAMES = ("alice", "bob", "carol")


@dataclass(frozen=True, slots=True)
class Issue:
    """A published version: its pieces, manifest aside, and their bytes."""

    version: int
    pieces: int
    bytes: int


class DrawnAuthority:
    """An authority in a folder, founded, with one device; what it publishes are made-up lists."""

    def __init__(self, path: Path) -> None:
        self.folder = AuthorityFolder(path)
        self.administrators = tuple(map(_administrator, _NAMES))
        self._secret = new_secret()
        self._version = 0
        founded(self.folder, tuple(each.public for each in self.administrators), 2, now())
        self._signed()

    @property
    def root(self) -> bytes:
        """What a device pins."""
        return self.folder.public.metadata("1.root.json") or b""

    def list_device(self, described: dict[str, str]) -> None:
        """List the one device."""
        self._device = Device(**described)
        write_devices(self.folder.path, (self._device,))

    def publish(self, drawn: Drawn) -> Issue:
        """The next version, packed by one and signed by two."""
        self._version += 1
        names: dict[str, int] = {}
        public = self.folder.public

        def put(name: str, data: bytes) -> None:
            names[name] = len(data)
            _write_once(public, name, data)

        manifest = self._manifest(drawn, put)
        current = self.folder.current()
        with draft(self.folder) as folder:
            files = PublishedFolder(folder)
            name, length = put_manifest(manifest, files.put_manifest)
            files.put_chunks_of(name, names)
            target = TargetFile(length, {"sha256": name}, f"{LISTS}{LIST_ID}")
            version = current.targets.signed.version + 1
            document = Metadata(targets_of(current.root.signed, {target.path: target}, version, now()))
            Proposal(folder, None, document, None).save()
        self._signed()
        return Issue(self._version, len(names), sum(names.values()))

    def withdraw(self, entry_id: str) -> None:
        """One alone withdraws an entry."""
        withdraw(self.folder, self.administrators[2], Wanted(LIST_ID, (entry_id,), "given back"), now())

    def _manifest(self, drawn: Drawn, put: Put) -> Manifest:
        today, list_key = drawn.created, new_list_key()
        packed = pack(drawn.buckets(), None, frozenset(), self._secret, list_key, put)
        recipients = (
            *(
                Recipient(f"{ADMINISTRATOR}{each.public.name}", each.public.sealing, True)
                for each in self.administrators
            ),
            Recipient(f"{DEVICE}{self._device.name}", self._device.sealing, False),
        )
        return Manifest(
            list_id=LIST_ID,
            version=self._version,
            purpose="to measure",
            authority="nobody",
            model_sha256=ModelStore().describing_sha256,
            created=today,
            not_before=today,
            expires=today + timedelta(days=90),
            groups=(self._device.group,),
            settled=0,
            entries=packed.entries,
            references=packed.references,
            buckets=bucket_count(drawn.rows, None),
            pages=packed.pages,
            keys=seal_keys(recipients, list_key, self._secret, LIST_ID, self._version, put),
        )

    def _signed(self) -> None:
        for each in self.administrators[:2]:
            sign(self.folder, read_proposal(self.folder), each.signer)
        publish(self.folder, read_proposal(self.folder), now(), TIMESTAMP_DAYS)


def _administrator(name: str) -> Administrator:
    """Keys that are in memory alone."""
    signing, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    public = PublicAdministrator(
        name, signing.public_key().public_bytes_raw().hex(), sealing.public_key().public_bytes_raw().hex()
    )
    return Administrator(public, CryptoSigner(signing), sealing)


def _write_once(public: PublishedFolder, name: str, data: bytes) -> None:
    """Without a sync for each: what is measured is how it travels."""
    path = public.path / "chunks" / name[:2] / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
