"""Receivers for tests: the real gpsd over a recorded one, and a gpsd that says what a test wants."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from lapel.core.position import Position

QUAY = Position(51.2213, 4.3997)
_SENTENCES = (
    "GPGGA,12000{second}.00,5113.2780,N,00423.9820,E,1,08,1.1,10.0,M,45.0,M,,",
    "GPGSA,A,3,01,02,03,04,05,06,07,08,,,,,1.8,1.1,1.4",
    "GPRMC,12000{second}.00,A,5113.2780,N,00423.9820,E,000.5,000.0,290326,,,A",
)


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def real_gpsd(folder: Path) -> Iterator[int]:
    """The port of a real gpsd which hears a receiver at the quay, by NMEA 0183, over and over."""
    if shutil.which("gpsfake") is None:
        pytest.skip("gpsd: apt-get install gpsd gpsd-clients")
    log, port = folder / "quay.nmea", free_port()
    log.write_text("".join(_sentence(each.format(second=second)) for second in range(10) for each in _SENTENCES))
    process = subprocess.Popen(
        ["gpsfake", "--quiet", "--nowait", "--cycle", "0.05", "--port", str(port), str(log)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.terminate()  # it ends the daemon that it started
        process.wait(20)


def _sentence(body: str) -> str:
    check = 0
    for letter in body.encode():
        check ^= letter
    return f"${body}*{check:02X}\r\n"


class SaidGpsd:
    """A gpsd that says to everybody who connects what it was given, and then ends the connection, or stays."""

    def __init__(self, *parts: bytes, stays: bool = False) -> None:
        self.asked: list[bytes] = []
        self._parts, self._stays = parts, stays
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Go away."""
        self._ended.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(20)

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            with closing(peer), suppress(OSError):
                self.asked.append(peer.recv(1000))
                for part in self._parts:
                    peer.sendall(part)
                if self._stays:
                    self._ended.wait()
