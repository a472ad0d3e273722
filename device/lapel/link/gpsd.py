"""Listens to gpsd on this device: its lines, for as long as somebody wants them, whatever becomes of it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from threading import Event

from lapel.link.pauses import pauses

HOST = "127.0.0.1"
_WATCH = b'?WATCH={"enable":true,"json":true};\n'
LONGEST_LINE_BYTES = 16 * 1024
"""gpsd's own limit is 10,240 (GPS_JSON_RESPONSE_MAX)."""
_WAKE_S = 0.5


def listen(
    port: int,
    hear: Callable[[bytes], object],
    troubled: Callable[[str], None],
    stop: Event,
    chance: Callable[[], float],
) -> None:
    """Pass every line on to ``hear`` until ``stop``; ``troubled`` hears why there are none, and "" once there are.

    Of a line that is too long the first part is passed on, which is no JSON.
    """
    waits = pauses(chance)
    while not stop.is_set():
        try:
            with socket.create_connection((HOST, port), timeout=_WAKE_S) as channel:
                channel.sendall(_WATCH)
                for line in _lines(channel, stop):
                    troubled("")
                    waits = pauses(chance)
                    hear(line)
            why = "it ended"
        except OSError as error:
            why = error.strerror or str(error)
        if not stop.is_set():
            troubled(f"gpsd does not answer at {HOST} port {port} ({why}); systemctl start gpsd")
            stop.wait(next(waits))


def _lines(channel: socket.socket, stop: Event) -> Iterator[bytes]:
    """Lines to the end of the connection, or until ``stop``. Raises: OSError."""
    begun, is_too_long = b"", False
    while not stop.is_set():
        try:
            part = channel.recv(4096)
        except TimeoutError:
            continue
        if not part:
            return
        *whole, begun = (begun + part).split(b"\n")
        for line in whole:
            if not is_too_long and line.strip():
                yield line
            is_too_long = False
        if len(begun) > LONGEST_LINE_BYTES:
            if not is_too_long:
                yield begun
            begun, is_too_long = b"", True
