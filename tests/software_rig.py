"""Packages made up for a test, what an authority in memory says of them, and a device that is to take them."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from fakes.authority import Authority
from lapel.core.software import Release
from lapel.fakes.clock import FakeClock
from lapel.fakes.installer import FakeInstaller
from lapel.store.debian import release_of
from lapel.store.published import PublishedFolder
from lapel.store.releases import release_target
from lapel.store.shelf import Shelf
from lapel.wiring.software import SoftwareUpdates

ANSWERS = "#!/bin/sh\necho lapel {version}\n"


def a_package(
    path: Path, version: str, architecture: str = "arm64", name: str = "lapel", program: str = ANSWERS
) -> Path:
    """A package that dpkg takes: one program, which says its version."""
    control = (
        f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: nobody <n@localhost>\n"
        "Installed-Size: 1\nDescription: a test\n"
    )
    files = {"./control": (control, 0o644)}, {"./opt/lapel/bin/lapel": (program.format(version=version), 0o755)}
    members = {"debian-binary": b"2.0\n"}
    for archive, content in zip(("control.tar.gz", "data.tar.gz"), files, strict=True):
        members[archive] = _tar(content)
    path.write_bytes(b"!<arch>\n" + b"".join(_member(*each) for each in members.items()))
    return path


def _tar(files: dict[str, tuple[str, int]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.GNU_FORMAT) as archive:
        folders = {parent for name in files for parent in Path(name).parents}
        for folder in sorted(folders, key=lambda each: len(each.parts)):
            made = tarfile.TarInfo(f"./{folder}")
            made.type, made.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(made)
        for name, (text, mode) in files.items():
            made = tarfile.TarInfo(name)
            made.size, made.mode = len(text), mode
            archive.addfile(made, io.BytesIO(text.encode()))
    return out.getvalue()


def _member(name: str, data: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode()
    return header + data + b"\n" * (len(data) % 2)


@dataclass
class Rig:
    """An authority whose ``stick`` is carried to a device on which version 1 runs, its package kept."""

    folder: Path
    authority: Authority = field(default_factory=Authority)

    def __post_init__(self) -> None:
        self.stick = PublishedFolder(self.folder / "stick")
        self.shelf = Shelf(self.folder / "shelf")
        self.shelf.path.mkdir()
        self.installer = FakeInstaller(self.shelf.path, lambda path: release_of(path).version)
        self.clock = FakeClock()
        self.updates.trust(self.authority.pinned)
        self.updates.keep(a_package(self.folder / "1.deb", "1"))

    @property
    def updates(self) -> SoftwareUpdates:
        """The device's, as it stands."""
        self.clock.set_wall(self.authority.now)
        return SoftwareUpdates(self.shelf, self.installer, self.clock)

    def offer(self, version: str, architecture: str = "arm64", by: tuple[str, ...] = ("alice", "bob")) -> Release:
        """Have a release signed, and put it on the stick."""
        package = a_package(self.folder / f"{version}-{architecture}.deb", version, architecture)
        release = release_of(package)
        self.authority.targets = {release_target(release).path: release_target(release)}
        self.stick.put_package(release.sha256, package)
        self.authority.publish(by=by)
        self.carry()
        return release

    def carry(self) -> None:
        """Put what the authority says now on the stick."""
        for name, data in self.authority.files.items():
            self.stick.put_metadata(name, data)

    def take(self) -> None:
        """Fetch and apply what is on the stick."""
        self.updates.fetch(self.stick)
        self.updates.apply()

    def told(self) -> list[tuple[str, str]]:
        """What happened, in words, and why."""
        return [(each.outcome.value, each.why.partition(":")[0]) for each in self.shelf.read().happened]
