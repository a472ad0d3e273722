"""The door of the officer's page: how many get in at a time, and how long one may take to say what he wants.

Whoever connects and says nothing, or reads nothing, holds a place and hinders nobody else: places are given up in
seconds, and one address has a few of them.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from types import MethodType
from typing import Any

from lapel.alert.companion.request_head import Handle, with_bounded_head

MOST, MOST_OF_ONE = 48, 12
"""Connections at a time. A browser opens six to one address (and keeps one for what it is told), of two phones when one
takes the other's place."""
SLOWEST_S = 10.0
"""How long a request may take to come."""
HANDSHAKE_S = 5.0
_GONE_MS = 15_000
"""After which a phone that takes in nothing has gone (TCP_USER_TIMEOUT of tcp(7)); without it that takes a quarter of
an hour."""


class Door:
    """Lets connections in to ``handle``, which calls ``said`` once it has read a request."""

    def __init__(self, handle: Handle) -> None:
        self._handle = with_bounded_head(handle)
        self._inside: Counter[str] = Counter()
        self._waiting: dict[asyncio.StreamWriter, asyncio.TimerHandle] = {}

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, or close it where too many are there."""
        whose = str((writer.get_extra_info("peername") or ("",))[0])
        if self._inside.total() >= MOST or self._inside[whose] >= MOST_OF_ONE:
            writer.transport.abort()
            return
        if (channel := writer.get_extra_info("socket")) is not None:
            channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _GONE_MS)
        self._inside[whose] += 1
        self._waiting[writer] = asyncio.get_running_loop().call_later(SLOWEST_S, writer.transport.abort)
        try:
            await self._handle(reader, _as_microdot_wants(writer))
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()  # he has gone, or must
        finally:
            self.said(writer)
            self._inside[whose] -= 1
            self._inside += Counter()  # whoever has left is forgotten: addresses are many
            writer.close()

    def said(self, writer: asyncio.StreamWriter) -> None:
        """A request has come whole: what is answered may take its time."""
        if (timer := self._waiting.pop(writer, None)) is not None:
            timer.cancel()


def _as_microdot_wants(writer: Any) -> asyncio.StreamWriter:
    """With the two methods of MicroPython's streams that its own start_server adds as well."""

    async def awrite(self: asyncio.StreamWriter, data: bytes) -> None:
        self.write(data)
        await self.drain()

    async def aclose(self: asyncio.StreamWriter) -> None:
        self.close()
        await self.wait_closed()

    writer.awrite, writer.aclose = MethodType(awrite, writer), MethodType(aclose, writer)
    found: asyncio.StreamWriter = writer
    return found
