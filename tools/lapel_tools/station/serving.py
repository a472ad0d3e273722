"""``/metrics`` and ``/health`` of a worker, for those who look after it: counts, never records or devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from lapel.errors import UsageError
from lapel_tools.station.meters import Meters, exposition

LOOPBACK = "127.0.0.1"
_PATIENCE_S = 5.0


def address_of(text: str) -> tuple[str, int]:
    """``PORT`` of the loopback, or ``HOST:PORT``. Raises: UsageError."""
    host, colon, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) < 65536) or (colon and not host):
        raise UsageError(f"--metrics {text}: not PORT or HOST:PORT; for example 9464, which is {LOOPBACK}:9464")
    return host.strip("[]") or LOOPBACK, int(port)


@contextmanager
def served(address: tuple[str, int], meters: Meters) -> Iterator[int]:
    """Serve them while the block runs; the port. Raises: UsageError where nobody may listen there."""

    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_S  # one who says nothing is not waited for
        server_version = "lapel-station"
        sys_version = ""

        def do_GET(self) -> None:
            trouble = meters.trouble()
            answers = {
                "/metrics": (200, "text/plain; version=0.0.4; charset=utf-8", exposition(meters)),
                "/health": (503 if trouble else 200, "text/plain; charset=utf-8", f"{trouble or 'ok'}\n"),
            }
            status, kind, text = answers.get(self.path, (404, "text/plain", "/metrics or /health\n"))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            return  # its lines would stand between the events

    try:
        server = ThreadingHTTPServer(address, Handler)
    except OSError as error:
        raise UsageError(
            f"--metrics {address[0]}:{address[1]}: nobody may listen there ({error.strerror}); give another"
        ) from error
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
