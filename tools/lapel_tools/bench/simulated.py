"""Simulated devices: as many connections as a fleet has, each with its own certificate, all from one thread.

A device sends a record, waits until the station acknowledges it after its commit, and sends the next.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ssl import SSLSocket
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from lapel.core.chain import CompactRange
from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, RecordKind
from lapel.errors import BrokerUnreachable
from lapel.link.acks import decode
from lapel.link.endpoint import Endpoint, tls
from lapel.link.events import cloud_event
from lapel.link.properties import PublishProperties
from lapel.link.topics import ack_topic, events_topic

_KEEPALIVE_S = 3600
_ANSWER_S = 60.0
_FACTS = (("entry", "thing-7"), ("evidence", 3.25), ("expected", "1 in 9 h"))


class SimulatedDevice:
    """One device. ``waits_s``: from publishing to the station's ack, of each record."""

    def __init__(self, site: str, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self.tree = CompactRange()
        self.acked = 0
        self.is_ready = False
        self.waits_s: list[float] = []
        self._site, self._endpoint = site, endpoint
        self._due_s = 0.0
        self.client = paho.Client(CallbackAPIVersion.VERSION2, f"lapel-{site}-{name}", protocol=paho.MQTTv5)
        self.client.tls_set_context(tls(endpoint))
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = self._on_message

    def connect(self) -> None:
        """Connect; ``is_ready`` once the broker has answered. Raises: OSError."""
        self.client.connect(self._endpoint.host, self._endpoint.port, _KEEPALIVE_S)

    @property
    def is_idle(self) -> bool:
        """Whether all that was sent is acknowledged."""
        return self.is_ready and self.acked >= self.tree.size

    def send(self, due_s: float) -> None:
        """Send the next record, which was due at a time of ``time.monotonic``: its wait is counted from there."""
        number = self.tree.size
        event = Event(RecordKind.ALERT, (*_FACTS, ("number", number)))
        record = record_of(event, Stamp(self.name, number, time.time_ns(), "simulated", time.monotonic_ns()))
        self.tree = self.tree.append(record.leaf)
        message = cloud_event(record, f"/lapel/{self._site}/{self.name}")
        self._due_s = due_s
        self.client.publish(events_topic(self._site, self.name), message.data, 1, False, PublishProperties(message))

    def _on_connect(self, client: paho.Client, _: Any, flags: Any, reason: Any, properties: Any) -> None:
        client.subscribe(ack_topic(self._site, self.name), qos=1)

    def _on_subscribe(self, client: paho.Client, _: Any, mid: int, reasons: Any, properties: Any) -> None:
        self.is_ready = True

    def _on_message(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        size = decode(bytes(message.payload)).head.size
        if size > self.acked:
            self.acked = size
            self.waits_s.append(time.monotonic() - self._due_s)


class SimulatedFleet:
    """Connected devices. Use ``connected``."""

    def __init__(self, devices: Sequence[SimulatedDevice], selector: selectors.BaseSelector) -> None:
        self.devices = devices
        self._selector = selector

    def saturate(self, records: int) -> float:
        """Every device sends so many records, one after the other's ack; the seconds until the last was acknowledged.

        Raises: BrokerUnreachable.
        """
        began = time.monotonic()
        goals = {device.name: device.acked + records for device in self.devices}

        def go_on() -> bool:
            for device in self.devices:
                if device.is_idle and device.acked < goals[device.name]:
                    device.send(time.monotonic())
            return all(device.acked >= goals[device.name] for device in self.devices)

        self._until(go_on)
        return time.monotonic() - began

    def pace(self, per_second: float, seconds: float) -> None:
        """Devices in turn send so many records a second together. Raises: BrokerUnreachable."""
        began, due, total = time.monotonic(), 0, int(per_second * seconds)

        def go_on() -> bool:
            nonlocal due
            while due < total and time.monotonic() - began >= due / per_second:
                device = self.devices[due % len(self.devices)]
                if not device.is_idle:
                    break  # it waits for its last record; this one is late, and its wait counts from when it was due
                device.send(began + due / per_second)
                due += 1
            return due >= total and all(device.is_idle for device in self.devices)

        self._until(go_on)

    def _until(self, is_done: Callable[[], bool]) -> None:
        heard_at = time.monotonic()
        while not is_done():
            ready = self._selector.select(0.01)
            for key, events in ready:
                self._serve(key.data, events)
            if ready:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > _ANSWER_S:
                waiting = sum(not device.is_idle for device in self.devices)
                raise BrokerUnreachable(f"{waiting} devices heard nothing for {_ANSWER_S:.0f} s; see the station's log")

    def _serve(self, device: SimulatedDevice, events: int) -> None:
        client = device.client
        if events & selectors.EVENT_WRITE:
            client.loop_write()
        if events & selectors.EVENT_READ:
            client.loop_read()
            while isinstance(connection := client.socket(), SSLSocket) and connection.pending():
                client.loop_read()  # what TLS has decrypted already, no selector tells
        connection = client.socket()
        if not isinstance(connection, SSLSocket):
            raise BrokerUnreachable(f"{device.name}: the broker ended its connection; see the broker's log")
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.want_write() else 0)
        self._selector.modify(connection, wanted, device)


@contextmanager
def connected(devices: Sequence[SimulatedDevice]) -> Iterator[SimulatedFleet]:
    """A fleet whose every device the broker has answered. Raises: BrokerUnreachable."""
    with selectors.DefaultSelector() as selector:
        fleet = SimulatedFleet(devices, selector)
        try:
            for device in devices:
                device.connect()
                connection = device.client.socket()
                assert isinstance(connection, SSLSocket)
                selector.register(connection, selectors.EVENT_READ, device)
            fleet._until(lambda: all(device.is_ready for device in devices))
            yield fleet
        finally:
            for device in devices:
                device.client.disconnect()
