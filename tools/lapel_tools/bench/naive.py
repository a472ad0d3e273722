"""Clients as they are usually written: one message at a time from an SQLite outbox, deleted when it is answered.

``Answer.STATION`` is ours without a window: what is deleted is at the station. ``Answer.BROKER`` believes the broker,
and never sends again what the broker loses.
"""

from __future__ import annotations

import queue
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from enum import Enum
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from lapel.core.records import Record
from lapel.errors import BrokerUnreachable
from lapel.link.acks import decode
from lapel.link.endpoint import Endpoint, tls
from lapel.link.events import cloud_event
from lapel.link.mqtt import send_at_once
from lapel.link.properties import PublishProperties, read_quickly
from lapel.link.sync import Sender
from lapel.link.topics import ack_topic, events_topic

_ANSWER_S = 30.0
_OUTBOX = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE outbox (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL);
"""


class Answer(Enum):
    """Whose answer a client waits for."""

    STATION = "station"
    BROKER = "broker"


def drain_naively(file: Path, records: Sequence[Record], endpoint: Endpoint, sender: Sender, answer: Answer) -> float:
    """Seconds until every record is answered, connecting included. Raises: BrokerUnreachable."""
    with closing(sqlite3.connect(file, isolation_level=None)) as outbox:
        outbox.executescript(_OUTBOX)
        outbox.execute("BEGIN")
        outbox.executemany("INSERT INTO outbox VALUES (?, ?)", ((each.sequence, each.body) for each in records))
        outbox.execute("COMMIT")
        began = time.monotonic()
        counts: queue.SimpleQueue[int] = queue.SimpleQueue()
        with _connected(endpoint, sender, counts) as client:
            while row := outbox.execute("SELECT sequence FROM outbox ORDER BY sequence LIMIT 1").fetchone():
                _send(client, records[row[0]], sender)
                while answer is Answer.STATION and _next(counts) <= row[0]:
                    pass
                outbox.execute("DELETE FROM outbox WHERE sequence = ?", row)
            return time.monotonic() - began


def _send(client: paho.Client, record: Record, sender: Sender) -> None:
    event = cloud_event(record, sender.source)
    topic = events_topic(sender.site, sender.device)
    sent = client.publish(topic, event.data, 1, False, PublishProperties(event))
    sent.wait_for_publish(_ANSWER_S)
    if not sent.is_published():
        raise _silent()


@contextmanager
def _connected(endpoint: Endpoint, sender: Sender, counts: queue.SimpleQueue[int]) -> Iterator[paho.Client]:
    """A connection; how many records the station says that it holds is put on ``counts``."""
    read_quickly()
    ready: queue.SimpleQueue[None] = queue.SimpleQueue()
    client = paho.Client(CallbackAPIVersion.VERSION2, f"naive-{sender.device}", protocol=paho.MQTTv5)
    client.tls_set_context(tls(endpoint))
    client.on_socket_open = send_at_once
    client.on_connect = lambda *_: ready.put(None)
    client.on_subscribe = lambda *_: ready.put(None)
    client.on_message = lambda _, __, message: counts.put(decode(bytes(message.payload)).head.size)
    client.connect(endpoint.host, endpoint.port)
    client.loop_start()
    try:
        ready.get(timeout=_ANSWER_S)
        client.subscribe(ack_topic(sender.site, sender.device), qos=1)
        ready.get(timeout=_ANSWER_S)
        yield client
    except queue.Empty:
        raise _silent() from None
    finally:
        client.disconnect()
        client.loop_stop()


def _next(counts: queue.SimpleQueue[int]) -> int:
    return counts.get(timeout=_ANSWER_S)


def _silent() -> BrokerUnreachable:
    return BrokerUnreachable(f"broker or station answered nothing for {_ANSWER_S:.0f} s; measure again")
