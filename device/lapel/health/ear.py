"""The other end of sd_notify(3), for whoever starts a watch as systemd would, and listens to it."""

from __future__ import annotations

import os
import secrets
import socket


class Ear:
    """Hears what a process says that has its ``environment``; each message is awaited ``patience_s`` at most."""

    def __init__(self, patience_s: float) -> None:
        name = f"lapel-ear-{secrets.token_hex(8)}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.bind(f"\0{name}")
        self._socket.settimeout(patience_s)
        self.environment = {**os.environ, "NOTIFY_SOCKET": f"@{name}"}

    def hear(self) -> bytes:
        """One message; empty where none came."""
        try:
            return self._socket.recv(4096)
        except TimeoutError:
            return b""

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
