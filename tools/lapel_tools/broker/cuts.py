"""A way to a broker that can be cut, slowed down and blocked: what a network does, on this machine and on purpose."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Thread

from lapel.link.endpoint import Endpoint

_AT_ONCE_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Weather:
    """How bytes are carried, both ways: at most ``slice_bytes`` at once (0: as they come), each after ``delay_s``.
    ``swallows``: connections stay, and nothing that is sent arrives."""

    delay_s: float = 0.0
    slice_bytes: int = 0
    swallows: bool = False


class Cuts:
    """Listens on the loopback, and carries to a broker and back until it is cut. ``carried`` counts bytes to whoever
    comes this way; ``upwards`` counts those from them instead. The first cut comes after ``after_bytes``, once.
    ``weather`` may change at any time."""

    def __init__(self, broker: Endpoint, after_bytes: int | None = None, upwards: bool = False) -> None:
        self.carried = 0
        self.weather = Weather()
        self._broker, self._after_bytes, self._upwards = broker, after_bytes, upwards
        self._listener = socket.create_server((broker.host, 0))
        self._ends: list[tuple[socket.socket, socket.socket]] = []
        self._untold: set[socket.socket] = set()
        Thread(target=self._accept, daemon=True).start()

    def endpoint(self, straight: Endpoint) -> Endpoint:
        """The same broker, by this way."""
        return replace(straight, port=int(self._listener.getsockname()[1]))

    def cut(self) -> None:
        """End every connection; the next ones are carried again."""
        for ends in self._ends:
            for end in ends:
                _end(end)
                end.close()
        self._ends.clear()

    def leave_half_open(self) -> None:
        """End every connection on the broker's side, and tell nobody on the other: a router that lost its memory."""
        for near, far in self._ends:
            self._untold.add(near)
            _end(far)

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
                self._ends.append((near, far))
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
                for piece in self._pieces(data):
                    target.sendall(piece)
        for end in {source, target} - self._untold:
            _end(end)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        weather = self.weather
        if weather.swallows:
            return
        step = weather.slice_bytes or len(data)
        for begin in range(0, len(data), step):
            time.sleep(weather.delay_s)
            yield data[begin : begin + step]


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
