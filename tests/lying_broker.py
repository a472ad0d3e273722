"""A broker that says that it has a message and forgets it: between a real broker and whoever comes by its address."""

from __future__ import annotations

import random
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from select import select
from threading import Thread

from lapel.link.endpoint import Endpoint, tls
from lapel_tools.broker.mosquitto import ADDRESS, BrokerFolder

_PUBLISH, _PUBACK = 0x30, 0x40
_QOS_1 = 0x02
_AT_A_TIME = 1 << 16
_PATIENCE_S = 60.0


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
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                with suppress(OSError):
                    near = self._context.wrap_socket(plain, server_side=True)
                    to_broker = socket.create_connection((self._straight.host, self._straight.port))
                    far = tls(self._straight).wrap_socket(to_broker, server_hostname=self._straight.host)
                    self._ends += (near, far)
                    Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: ssl.SSLSocket, far: ssl.SSLSocket) -> None:
        # Both ways in one thread: OpenSSL lets no two use a connection at a time, and under load it showed.
        ways = ((near, far), (far, near))
        came = {near: bytearray(), far: bytearray()}
        for end in came:
            end.setblocking(False)
        with suppress(OSError, EOFError, ValueError):
            while True:
                if not any(end.pending() for end in came):
                    select(list(came), (), ())
                for source, target in ways:
                    came[source] += _more(source)
                    while packet := _taken(came[source]):
                        self._pass_on(packet, source, target)
        for end in came:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _pass_on(self, packet: bytes, source: ssl.SSLSocket, target: ssl.SSLSocket) -> None:
        if packet[0] & 0xF0 == _PUBLISH and packet[0] & 0x06 == _QOS_1:
            if self._forgets():
                self.forgotten += 1
                begins = _length(packet)[0]
                topic_bytes = int.from_bytes(packet[begins : begins + 2], "big")
                _send(source, bytes((_PUBACK, 2)) + packet[begins + 2 + topic_bytes : begins + 4 + topic_bytes])
                return
            self.carried += 1
        _send(target, packet)


def now_and_then(share: float, seed: int = 1) -> Callable[[], bool]:
    """True for that share of the times, the same times for every seed."""
    draw = random.Random(seed)
    return lambda: draw.random() < share


def _more(source: ssl.SSLSocket) -> bytes:
    """What is there by now. Raises: EOFError."""
    try:
        data = source.recv(_AT_A_TIME)
    except ssl.SSLWantReadError:
        return b""
    if not data:
        raise EOFError
    return data


def _send(target: ssl.SSLSocket, data: bytes) -> None:
    target.settimeout(_PATIENCE_S)
    target.sendall(data)
    target.setblocking(False)


def _taken(came: bytearray) -> bytes:
    """The first MQTT packet, taken away; empty where not all of it is there."""
    begins, length = _length(came)
    if not begins or len(came) < begins + length:
        return b""
    packet = bytes(came[: begins + length])
    del came[: begins + length]
    return packet


def _length(packet: bytes | bytearray) -> tuple[int, int]:
    """Where what follows a packet's length begins, and how long that is; 0 and 0 where the length is not all there."""
    length = 0
    for at, byte in enumerate(packet[1:5]):
        length |= (byte & 0x7F) << 7 * at
        if byte < 0x80:
            return at + 2, length
    return 0, 0
