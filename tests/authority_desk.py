"""Administrators at their machines: the commands of an authority, in a folder."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from lapel.core.gallery import Gallery
from lapel.store.gallery import write_gallery
from lapel.store.keys import FileKey
from lapel_tools.cli.main import main

PASSPHRASE = "open, says whoever has it"
TERMS = ("--purpose", "stolen crates", "--authority", "court", "--group", "patrol")


class Desk:
    """Three administrators and a fourth in waiting; every command returns its exit code."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dir = folder / "authority"
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE + "\n", encoding="utf-8")
        self.passphrase.chmod(0o600)
        self.keys: dict[str, X25519PrivateKey] = {}

    def key(self, name: str) -> int:
        return main(["authority", "key", "--name", name, *self._opened(name)])

    def init(self, *names: str, threshold: int = 2) -> int:
        people = [part for name in names for part in ("--administrator", str(self.public(name)))]
        return main(["authority", "init", "--dir", str(self.dir), *people, "--threshold", str(threshold)])

    def rotate(self, *options: str) -> int:
        return main(["authority", "rotate", "--dir", str(self.dir), *options])

    def sign(self, name: str, *options: str) -> int:
        return main(["sign", "--dir", str(self.dir), *self._opened(name), *(options or ("--yes",))])

    def publish(self, *options: str) -> int:
        return main(["publish", "--dir", str(self.dir), *options])

    def withdraw(self, name: str, *options: str) -> int:
        return main(["withdraw", "--dir", str(self.dir), *self._opened(name), *options])

    def wipe(self, name: str, device: str, reason: str = "lost") -> int:
        """Order a device to be wiped."""
        return main(["wipe", device, "--dir", str(self.dir), *self._opened(name), "--reason", reason, "--yes"])

    def status(self, *options: str) -> int:
        return main(["authority", "status", "--dir", str(self.dir), *options])

    def founded(self) -> Desk:
        """With an authority of alice, bob and carol, published."""
        for name in ("alice", "bob", "carol", "dora"):
            assert self.key(name) == 0
        assert self.init("alice", "bob", "carol") == 0
        assert [self.sign("alice"), self.sign("bob"), self.publish()] == [0, 0, 0]
        return self

    def device(self, name: str = "cam-1", group: str = "patrol") -> int:
        """List a device; its key is in ``keys`` by name."""
        key = self.keys.setdefault(name, X25519PrivateKey.generate())
        return self.describe({"name": name, "group": group, "sealing": key.public_key().public_bytes_raw().hex()})

    def describe(self, described: dict[str, str]) -> int:
        """List a device that described itself."""
        path = self.folder / f"{described['name']}.json"
        path.write_text(json.dumps(described), encoding="utf-8")
        return main(["device", "add", "--dir", str(self.dir), str(path), "--replace"])

    def revoke(self, name: str) -> int:
        return main(["device", "revoke", "--dir", str(self.dir), name])

    def propose(self, name: str, gallery: Gallery | None, *options: str) -> int:
        """Propose a gallery as it was enrolled, calibrated or not; None proposes ``springfield`` again."""
        return self.propose_held(name, gallery, "--uncalibrated", *options)

    def propose_held(self, name: str, gallery: Gallery | None, *options: str) -> int:
        """The same, if it is held to its budget."""
        what = ["--again", "springfield"]
        if gallery is not None:
            watchlist, key = self.folder / "list.lapel", self.folder / "list.key"
            write_gallery(watchlist, gallery, FileKey(key) if key.exists() else FileKey.create(key))
            what = ["--watchlist", str(watchlist), "--watchlist-key-file", str(key)]
        return main(["propose", "--dir", str(self.dir), *self._opened(name), *what, *options])

    def propose_software(self, name: str, *packages: Path, options: tuple[str, ...] = ()) -> int:
        """Propose packages of the devices' software."""
        what = [part for package in packages for part in ("--software", str(package))]
        return main(["propose", "--dir", str(self.dir), *self._opened(name), *what, *options])

    def published(self, gallery: Gallery | None, *options: str) -> Desk:
        """Propose, sign and publish; the first time for the group patrol."""
        assert self.propose("alice", gallery, *options) == 0
        assert [self.sign("bob"), self.publish()] == [0, 0]
        return self

    def public(self, name: str) -> Path:
        return self.folder / f"{name}.key.public.json"

    def metadata(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.dir / "public" / "metadata").iterdir()}

    def _opened(self, name: str) -> list[str]:
        return ["--key", str(self.folder / f"{name}.key"), "--passphrase-file", str(self.passphrase)]


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file under a folder, whole."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
