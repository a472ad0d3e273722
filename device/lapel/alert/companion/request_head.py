"""Bounds what comes before a request is known: Microdot bounds each line of a request's head, and not their number."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

MOST_BYTES = 32 * 1024
"""Of a request line and headers. Browsers send 2 KiB, and most servers take 8."""

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def with_bounded_head(handle: Handle) -> Handle:
    """The same, for requests whose head is at most ``MOST_BYTES``; it raises ConnectionAbortedError for others."""

    async def bounded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handle(cast("asyncio.StreamReader", _Head(reader)), writer)

    return bounded


class _Head:
    """A stream as Microdot reads it: the head by lines, and then at once a body whose size it bounds itself."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader, self._left = reader, MOST_BYTES

    async def readline(self) -> bytes:
        line = await self._reader.readline()
        self._left -= len(line)
        if self._left < 0:
            raise ConnectionAbortedError(f"a request's head is over {MOST_BYTES} bytes")
        return line

    async def readexactly(self, size: int) -> bytes:
        return await self._reader.readexactly(size)
