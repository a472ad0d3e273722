"""A way to a broker that can be cut: what a network does to a device, on this machine and on purpose."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import replace
from threading import Thread

from lapel.link.endpoint import Endpoint

_AT_ONCE_BYTES = 16 * 1024


class Cuts:
    """Listens on the loopback, and carries to a broker and back until it is cut. ``carried`` counts bytes to whoever
    comes this way; ``upwards`` counts those from them instead. The first cut comes after ``after_bytes``, once."""

    def __init__(self, broker: Endpoint, after_bytes: int | None = None, upwards: bool = False) -> None:
        self.carried = 0
        self._broker, self._after_bytes, self._upwards = broker, after_bytes, upwards
        self._listener = socket.create_server((broker.host, 0))
        self._ends: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def endpoint(self, straight: Endpoint) -> Endpoint:
        """The same broker, by this way."""
        return replace(straight, port=int(self._listener.getsockname()[1]))

    def cut(self) -> None:
        """End every connection; the next ones are carried again."""
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def close(self) -> None:
        """Cut it, and let nobody through any more."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection((self._broker.host, self._broker.port))
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._ends.append(end)
                Thread(target=self._carry, args=(near, far, self._upwards), daemon=True).start()
                Thread(target=self._carry, args=(far, near, not self._upwards), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_AT_ONCE_BYTES):
                self.carried += len(data) if is_counted else 0
                if self._after_bytes is not None and self.carried > self._after_bytes:
                    self._after_bytes = None
                    self.cut()
                    return
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
