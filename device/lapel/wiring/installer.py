"""What installs packages of Lapel: one edge, met by dpkg and by a double in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Installer(Protocol):
    """Puts packages of Lapel into this machine's system, and sees whether it still works then."""

    def architecture(self) -> str:
        """As Debian names it, "arm64" for example. Raises: HardwareError."""
        ...

    def installed(self) -> str:
        """The version that is installed; empty where none is, or one is there in part. Raises: HardwareError."""
        ...

    def is_older(self, version: str, than: str) -> bool:
        """Whether a version comes before another; "" comes before all."""
        ...

    def check_room(self, package: Path) -> None:
        """See that it fits beside what is there. Raises: StoreFull."""
        ...

    def install(self, package: Path) -> None:
        """Install it in the place of what is there. Raises: HardwareError; then it may be there in part."""
        ...

    def put_back(self) -> None:
        """Install what the folder of updates names as the former one, and turn its mark. Raises: HardwareError."""
        ...

    def restart(self) -> str:
        """Start again whatever of Lapel was running. Why it is not ready then, in words; empty where all is."""
        ...
