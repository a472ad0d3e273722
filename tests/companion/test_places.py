"""Places at the door of the officer's page are few, and whoever says nothing gives his up."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lapel.alert.companion.door import MOST, MOST_OF_ONE, Door

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[..., Awaitable[Line]]


def served(visit: Callable[[Connect, Door], Awaitable[None]]) -> None:
    """A door that gives back each line, while somebody visits it."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            door.said(writer)
            writer.write(line)
            await writer.drain()

    door = Door(echo)

    async def run() -> None:
        server = await asyncio.start_server(door, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        lines: list[Line] = []

        async def connect(whose: str = "127.0.0.1") -> Line:
            lines.append(await asyncio.open_connection("127.0.0.1", port, local_addr=(whose, 0)))
            return lines[-1]

        try:
            await asyncio.wait_for(visit(connect, door), 60)
        finally:
            for _, writer in lines:
                writer.transport.abort()
            server.close()
            await asyncio.sleep(0.05)

    asyncio.run(run())


async def said(line: Line) -> bytes:
    """What comes back of a word; nothing where the door was shut."""
    reader, writer = line
    try:
        writer.write(b"word\n")
        return await reader.readline()
    except OSError:
        return b""


async def is_shut(line: Line) -> bool:
    try:
        return await line[0].read() == b""
    except OSError:
        return True


def test_one_address_has_a_few_places_and_another_is_let_in() -> None:
    async def visit(connect: Connect, door: Door) -> None:
        first = [await connect("127.0.0.2") for _ in range(MOST_OF_ONE)]
        assert [await said(each) for each in first] == [b"word\n"] * MOST_OF_ONE
        assert await said(await connect("127.0.0.2")) == b""
        assert await said(await connect("127.0.0.3")) == b"word\n"

    served(visit)


def test_all_together_have_no_more_than_there_are() -> None:
    async def visit(connect: Connect, door: Door) -> None:
        inside = [await connect(f"127.0.0.{2 + number // MOST_OF_ONE}") for number in range(MOST)]
        assert [await said(each) for each in inside] == [b"word\n"] * MOST
        assert await said(await connect("127.0.0.99")) == b""
        inside[0][1].transport.abort()
        while await said(await connect("127.0.0.99")) == b"":
            await asyncio.sleep(0.01)

    served(visit)


def test_whoever_says_nothing_gives_his_place_up_and_who_has_spoken_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lapel.alert.companion.door.SLOWEST_S", 0.5)

    async def visit(connect: Connect, door: Door) -> None:
        silent, slow, spoken = [await connect() for _ in range(3)]
        assert await said(spoken) == b"word\n"
        slow[1].write(b"wo")
        assert await is_shut(silent)
        assert await is_shut(slow)
        assert await said(spoken) == b"word\n"
        assert door._inside.total() == 1
        assert door._waiting == {}

    served(visit)


def test_a_phone_that_takes_nothing_in_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lapel.alert.companion.door._GONE_MS", 300)

    async def visit(connect: Connect, door: Door) -> None:
        _, writer = await connect()
        writer.write(b"word\n" * 2**21)  # all of it is given back, and nobody reads that
        while door._inside.total() == 0:
            await asyncio.sleep(0.01)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(2000):
            if not door._inside.total():
                break
            await asyncio.sleep(0.01)
        assert door._inside.total() == 0
        assert not writer.transport.is_closing()  # it was the door that gave the place up

    served(visit)
