"""A broker that says that it has a message and forgets it: between a real broker and whoever comes by its address."""

from __future__ import annotations

import random
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Thread

from lapel.link.endpoint import Endpoint, tls
from lapel_tools.broker.mosquitto import ADDRESS, BrokerFolder

_PUBLISH, _PUBACK = 0x30, 0x40
_QOS_1 = 0x02


class LyingBroker:
    """Speaks TLS to both sides. Of the messages of each side ``forgets`` is drawn, which are answered and dropped."""

    def __init__(self, broker: BrokerFolder, name: str, forgets: Callable[[], bool]) -> None:
        self.forgotten = 0
        """Messages of either side that it said it had."""
        self.carried = 0
        """Messages of either side that it passed on."""
        self._straight = broker.endpoint(name)
        self._forgets = forgets
        pair = broker.authority.issue("broker")
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pair.certificate, pair.key)
        self._listener = socket.create_server((ADDRESS, 0))
        self._ends: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def endpoint(self) -> Endpoint:
        """How the deceived reaches it."""
        return replace(self._straight, port=int(self._listener.getsockname()[1]))

    def close(self) -> None:
        """Let nobody in any more, and let go of whoever was."""
        self._listener.close()
        for end in self._ends:
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                with suppress(OSError):
                    near = self._context.wrap_socket(plain, server_side=True)
                    to_broker = socket.create_connection((self._straight.host, self._straight.port))
                    far = tls(self._straight).wrap_socket(to_broker, server_hostname=self._straight.host)
                    self._ends += (near, far)
                    for source, target in ((near, far), (far, near)):
                        Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: ssl.SSLSocket, target: ssl.SSLSocket) -> None:
        with suppress(OSError, EOFError):
            while True:
                first, rest, packet = _packet(source)
                if first & 0xF0 == _PUBLISH and first & 0x06 == _QOS_1:
                    if self._forgets():
                        self.forgotten += 1
                        topic_bytes = int.from_bytes(rest[:2], "big")
                        source.sendall(bytes((_PUBACK, 2)) + rest[2 + topic_bytes : 4 + topic_bytes])
                        continue
                    self.carried += 1
                target.sendall(packet)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def now_and_then(share: float, seed: int = 1) -> Callable[[], bool]:
    """True for that share of the times, the same times for every seed."""
    draw = random.Random(seed)
    return lambda: draw.random() < share


def _packet(source: ssl.SSLSocket) -> tuple[int, bytes, bytes]:
    """The first byte of an MQTT packet, what follows its length, and all of it. Raises: EOFError."""
    head = bytearray(_read(source, 1))
    length = shift = 0
    while True:
        head += _read(source, 1)
        length |= (head[-1] & 0x7F) << shift
        shift += 7
        if head[-1] < 0x80:
            break
    rest = _read(source, length)
    return head[0], rest, bytes(head) + rest


def _read(source: ssl.SSLSocket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = source.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data
