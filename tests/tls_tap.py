"""Runs ``lapel`` with a tap before TLS: python -m tls_tap FILE COMMAND … appends all that is sent to FILE."""

import ssl
import sys
from pathlib import Path
from typing import Any

from lapel.cli.main import main


def tap(path: Path) -> None:
    """Write what TLS sockets of this process send, as it is before it is encrypted."""
    file = path.open("ab", buffering=0)
    encrypt = ssl.SSLSocket.send

    def send(self: ssl.SSLSocket, data: Any, flags: int = 0) -> int:
        sent = encrypt(self, data, flags)
        file.write(memoryview(data)[:sent])
        return sent

    ssl.SSLSocket.send = send  # type: ignore[method-assign]


if __name__ == "__main__":
    tap(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
