"""Pushes what is published to a broker: what it lacks, then what is the newest, then older things off it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.errors import BrokerRefused, BrokerUnreachable, ConfigError, Refused
from lapel.link.endpoint import Endpoint
from lapel.link.events import ENVELOPE_BYTES, JSON, CloudEvent
from lapel.link.mqtt import Line, Terms, open_line
from lapel.link.signals import FAILURE, NOT_AUTHORISED, Arrived, Lost, Published
from lapel.link.topics import PUBLISHER, mark_topic, news_topic, piece_topic
from lapel.store.lock import WriterLock
from lapel_tools.delivery.contents import Contents
from lapel_tools.delivery.ledger import Ledger
from lapel_tools.progress import Progress

WINDOW = 100
BINARY = "application/octet-stream"
LEAST_PACKET_BYTES = LARGEST_MESSAGE_BYTES + ENVELOPE_BYTES
_BATCH = 500
_LISTEN_S = 1.0
_PATIENCE_S = 30.0
_QUESTION = b"?"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was done. ``there`` pieces were on the broker already, ``removed`` are older ones."""

    sent: int
    sent_bytes: int
    there: int
    removed: int


def push(endpoint: Endpoint, site: str, contents: Contents, ledger: Path, progress: Progress) -> Pushed:
    """Put it all on a broker; what was cut off goes on where it was.

    Raises: BrokerUnreachable, BrokerRefused, ConfigError, Refused, StoreError; StoreLocked beside another push. Until
    the news was taken by the broker, devices find what was there before.
    """
    terms = Terms(f"lapel-{PUBLISHER}-{site}", mark_topic(site), WINDOW)
    with WriterLock(ledger, "let that push end"), open_line(endpoint, terms) as line:
        if line.most_bytes < LEAST_PACKET_BYTES:
            raise ConfigError(
                f"{endpoint}: takes packets of up to {line.most_bytes} bytes, and what is published has up to "
                f"{LEAST_PACKET_BYTES}; set the broker's limit (mosquitto: max_packet_size) to 65536 or more"
            )
        return _Pushing(line, site, progress).all_of(contents, ledger)


class _Pushing:
    """One push over one line."""

    def __init__(self, line: Line, site: str, progress: Progress) -> None:
        self._line, self._site, self._progress = line, site, progress
        self._pending = 0
        self._sent_bytes = 0

    def all_of(self, contents: Contents, path: Path) -> Pushed:
        ledger = Ledger(path, self._mark())
        lacking = [name for name in contents.pieces if name not in ledger.there]
        for batch in _batches(self._progress.each(lacking, "pushing")):
            mark = ledger.note(put=batch)
            for name in batch:
                self._send(piece_topic(self._site, name), _whole(name, contents.pieces[name]), BINARY)
            self._confirm(mark)
        self._send(news_topic(self._site), contents.news.encoded(), JSON)
        self._settle()
        old = sorted((ledger.there | ledger.maybe) - contents.pieces.keys())
        for batch in _batches(self._progress.each(old, "clearing")):
            mark = ledger.note(gone=batch)
            for name in batch:
                self._send(piece_topic(self._site, name), b"", "")
            self._confirm(mark)
        return Pushed(len(lacking), self._sent_bytes, len(contents.pieces) - len(lacking), len(old))

    def _mark(self) -> str | None:
        """What stands on the broker as a mark; None where nothing does. A question of our own comes back after it; from
        a broker that keeps no such order everything is sent again, which is slow and right."""
        self._line.publish(mark_topic(self._site), CloudEvent((), "", _QUESTION))
        self._pending += 1
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            signals = self._line.wait(_LISTEN_S)
            for signal in signals:
                self._check(signal)
            if heard := [signal.data for signal in signals if isinstance(signal, Arrived)]:
                return None if heard[0] == _QUESTION else heard[0].decode(errors="replace")
        raise self._silent()

    def _confirm(self, mark: str) -> None:
        self._settle()
        self._send(mark_topic(self._site), mark.encode(), "")
        self._settle()

    def _send(self, topic: str, data: bytes, content_type: str) -> None:
        self._line.publish(topic, CloudEvent((), content_type, data), is_retained=True)
        self._pending += 1
        self._sent_bytes += len(data)
        if self._pending >= WINDOW:
            self._hear()

    def _settle(self) -> None:
        """Wait until the broker has answered everything."""
        while self._pending:
            self._hear()

    def _hear(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        before = self._pending
        while self._pending == before:
            for signal in self._line.wait(_LISTEN_S):
                self._check(signal)
            if time.monotonic() > until:
                raise self._silent()

    def _silent(self) -> BrokerUnreachable:
        return BrokerUnreachable(
            f"{self._line.endpoint}: answers nothing for {_PATIENCE_S:.0f} s; push again, it goes on from here"
        )

    def _check(self, signal: object) -> None:
        match signal:
            case Published(reason=reason) if reason >= FAILURE:
                said = "does not let this program write lists" if reason == NOT_AUTHORISED else "refuses a message"
                raise BrokerRefused(
                    f"{self._line.endpoint}: {said} (MQTT reason 0x{reason:02x}); its certificate is to name "
                    f"{PUBLISHER!r}, and the broker's access list to let that write lapel/{self._site}/lists/#"
                )
            case Published():
                self._pending -= 1
            case Lost(why=why):
                raise BrokerUnreachable(
                    f"{self._line.endpoint}: the connection ended ({why}); push again, it goes on from here"
                )


def _whole(name: str, read: Callable[[], bytes | None]) -> bytes:
    data = read()
    if data is None or sha256(data).hexdigest() != name:
        raise Refused(
            f"piece {name[:12]} of what is published is {'gone' if data is None else 'damaged'}; publish again, or "
            "copy the folder anew. What stands on the broker is what was there before"
        )
    return data


def _batches(names: Iterable[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
