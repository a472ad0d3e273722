"""A machine on which packages can be installed, in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from lapel.core.software import APPLYING, FORMER, PUT_BACK
from lapel.errors import HardwareError


class FakeInstaller:
    """Port Installer. Versions are whole numbers, which ``version_of`` reads off a package. What is in ``unready``
    never becomes ready, what is in ``broken`` is installed in part and then fails."""

    def __init__(
        self,
        shelf: Path,
        version_of: Callable[[Path], str],
        version: str = "1",
        unready: Collection[str] = (),
        broken: Collection[str] = (),
    ) -> None:
        self.version, self.unready, self.broken = version, unready, broken
        self._shelf, self._version_of = shelf, version_of

    def architecture(self) -> str:
        """Always the same."""
        return "arm64"

    def installed(self) -> str:
        """What was installed last, if it came to its end."""
        return self.version

    def is_older(self, version: str, than: str) -> bool:
        """By number."""
        return int(version or 0) < int(than or 0)

    def check_room(self, package: Path) -> None:
        """There is."""

    def install(self, package: Path) -> None:
        """It is there in part until it is there."""
        self.version, coming = "", self._version_of(package)
        if coming in self.broken:
            raise HardwareError(f"{package}: cannot be installed")
        self.version = coming

    def put_back(self) -> None:
        """As the script of the package does."""
        if (self._shelf / APPLYING).exists():
            self.install(self._shelf / FORMER)
            (self._shelf / APPLYING).replace(self._shelf / PUT_BACK)

    def restart(self) -> str:
        """Only what is installed matters."""
        return "lapel-lookout.service did not become ready" if self.version in self.unready else ""
