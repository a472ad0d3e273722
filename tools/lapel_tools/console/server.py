"""Listens for the console's requests. Microdot reads HTTP; what is answered, ``answering`` says."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from microdot import Microdot, Request, Response

from lapel.alert.companion.request_head import with_bounded_head
from lapel.errors import ConfigError, HardwareError
from lapel_tools.console.answering import Asked, Console

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_MOST_AT_ONCE, _SLOWEST_S = 50, 30.0
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the console listens; ``tls`` may be None on the loopback alone. Raises: ConfigError."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK and self.tls is None:
            raise ConfigError(
                f"--listen {self.host}: not this machine's loopback, so only with TLS; give --cert and --key"
            )

    def hosts(self, port: int, more: tuple[str, ...]) -> frozenset[str]:
        """The names under which a browser reaches it, with the port as browsers write it."""
        names = {self.host, *more, *(LOOPBACK if self.host in LOOPBACK else ())}
        usual = 443 if self.tls else 80
        return frozenset(name if port == usual else f"{name}:{port}" for name in map(_bracketed, names))


def tls_of(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.3 with that certificate. Raises: ConfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"{certificate}: cannot be used with {key} ({error}); give a pair that goes together"
        ) from error
    return context


def serve(listening: Listening, made: Callable[[int], Console], ready: Callable[[int], None]) -> None:
    """Serve until SIGTERM or SIGINT. ``made`` gets the port that it is; ``ready`` is told it. Raises: HardwareError."""
    asyncio.run(_serve(listening, made, ready))


async def _serve(listening: Listening, made: Callable[[int], Console], ready: Callable[[int], None]) -> None:
    stop, turn = asyncio.Event(), asyncio.Semaphore(_MOST_AT_ONCE)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    apps: list[Microdot] = []

    async def attended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # A client that says nothing, or reads nothing, holds no place for long.
            async with turn, asyncio.timeout(_SLOWEST_S):
                await with_bounded_head(apps[0].handle_request)(reader, cast("asyncio.StreamWriter", _Writer(writer)))
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # Cancelled is what is open when the server stops: it ends here, or asyncio prints it as a failure.
            writer.transport.abort()

    try:
        server = await asyncio.start_server(
            attended, listening.host, listening.port, ssl=listening.tls, start_serving=False
        )
    except OSError as error:
        raise HardwareError(
            f"--listen {listening.host}:{listening.port}: {error.strerror or error}; give another"
        ) from error
    async with server:
        port = int(server.sockets[0].getsockname()[1])
        apps.append(app_of(made(port)))
        await server.start_serving()
        ready(port)
        await stop.wait()


class _Writer:
    """A stream as Microdot writes to it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def get_extra_info(self, name: str) -> object:
        return self._writer.get_extra_info(name)

    async def awrite(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def aclose(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def app_of(console: Console) -> Microdot:
    """The console as an application: every path, whether there is a page or not, is answered by it."""
    app = Microdot()

    # Not a coroutine, so that it runs in a thread: passwords and databases take their time.
    def answered(request: Request, **_: str) -> Response:
        made = console.answer(_asked(request))
        response = Response(made.body, made.status)
        for name, value in made.headers:
            response.headers[name] = value
        return response

    for pattern in ("/", "/<path:rest>"):
        app.route(pattern, methods=_METHODS)(answered)
    return app


def _asked(request: Request) -> Asked:
    headers, peer = request.headers, request.client_addr
    return Asked(
        method=request.method,
        path=request.path,
        host=headers.get("Host", ""),
        peer=str(peer[0]) if peer else "",
        site=headers.get("Sec-Fetch-Site", ""),
        query={str(name): str(values[0]) for name, values in dict.items(request.args)},
        form=_form(request),
        cookies=request.cookies,
    )


def _form(request: Request) -> dict[str, str]:
    """What was filled in; nothing where that is not readable."""
    try:
        return {str(name): str(values[0]) for name, values in dict.items(request.form or {})}
    except ValueError:
        return {}


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name
