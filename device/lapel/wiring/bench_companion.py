"""How much memory the officer's page takes: the companion as it runs, asked as a phone asks it."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lapel.errors import HardwareError

_ADDRESS = "127.0.0.1"
_PATHS = ("/", "/page.css", "/page.js")
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class CompanionFigures:
    """MiB resident once the page was asked for, and at most until then."""

    rss_mib: float
    peak_rss_mib: float


def measure_companion() -> CompanionFigures:
    """Start a companion of its own, ask for each part of its page, read what it holds. Raises: HardwareError."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with socket.socket() as channel:
            channel.bind((_ADDRESS, 0))
            port = channel.getsockname()[1]
        site = folder / "site.toml"
        site.write_text(
            f'[device]\nsite = "bench"\nname = "bench"\n[companion]\naddress = "{_ADDRESS}"\nport = {port}\n'
            f'socket = "{folder / "none.sock"}"\nfolder = "{folder}"\n',
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "lapel.cli.main", "companion", "--site", str(site)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                if process.stdout is None or not process.stdout.readline():
                    raise HardwareError("lapel companion: did not start; the line above says why")
                for path in _PATHS:
                    _ask(folder / "page.pem", port, path)
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            finally:
                process.terminate()
        return CompanionFigures(_mib(status, "VmRSS"), _mib(status, "VmHWM"))


def _ask(certificate: Path, port: int, path: str) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    with (
        socket.create_connection((_ADDRESS, port), _PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=_ADDRESS) as channel,
    ):
        channel.sendall(f"GET {path} HTTP/1.0\r\nHost: {_ADDRESS}:{port}\r\n\r\n".encode())
        is_given = b" 200 " in channel.recv(64)
        while channel.recv(65536):
            pass
    if not is_given:
        raise HardwareError(f"lapel companion: gives no {path}")


def _mib(status: str, name: str) -> float:
    """Of proc_pid_status(5), which counts in KiB."""
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    return round(int(found[1]) / 1024, 1) if found else 0.0
