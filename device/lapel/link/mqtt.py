"""One MQTT 5 connection over mutual TLS, as a value to send on and a queue to read from.

A ``Line`` lives as long as its connection. It never reconnects by itself: whoever holds it opens another one and
begins again from what is durably known, so that nothing waits in a library's memory. The session on the broker
outlives the line, so acks that came meanwhile are delivered to the next one.
"""

from __future__ import annotations

import contextlib
import queue
import socket
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from lapel.errors import BrokerRefused, BrokerUnreachable
from lapel.link.endpoint import Endpoint, tls
from lapel.link.events import CloudEvent
from lapel.link.holding import Holding
from lapel.link.properties import PublishProperties, read_quickly
from lapel.link.refusals import not_connected
from lapel.link.signals import FAILURE, Arrived, Lost, Published, Signal, Unread

_SERVER_BUSY = (0x88, 0x89)
_ANSWER_S = 10.0
_KEEPALIVE_S = 20
_MOST_SIGNALS = 1000
_MQTT_MOST_BYTES = 268_435_455
_MOST_WINDOW = 65_535


@dataclass(frozen=True, slots=True)
class _Answered:
    """The broker answered our CONNECT or SUBSCRIBE."""

    reason: int
    text: str
    most_bytes: int = _MQTT_MOST_BYTES
    window: int = _MOST_WINDOW


@dataclass(frozen=True, slots=True)
class Terms:
    """How a line is used. ``window``: messages under way at a time, each direction. ``session_s``: how long the
    broker keeps what comes while we are away; 0 begins anew. ``settles``: messages are answered by hand, no retained
    one comes."""

    client_id: str
    reads: str
    window: int
    session_s: int = 0
    settles: bool = False


class Line:
    """An open connection. Use ``open_line``; close it, or use it as a context manager."""

    def __init__(self, endpoint: Endpoint, terms: Terms) -> None:
        self.endpoint = endpoint
        self.most_bytes = _MQTT_MOST_BYTES
        self._signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[_Answered | Lost] = queue.SimpleQueue()
        self._terms = terms
        self._window = terms.window
        self._unanswered = 0
        self._backlog: deque[tuple[str, CloudEvent, bool]] = deque()
        self._is_open = False
        self._holding = Holding(terms.window if terms.settles else None)
        read_quickly()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            terms.client_id,
            protocol=paho.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=terms.settles,
        )
        self._client.on_socket_open = send_at_once
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        self._client.on_disconnect = self._on_disconnect

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def publish(self, topic: str, event: CloudEvent, is_retained: bool = False) -> None:
        """Send a message at least once; the broker's answer comes as ``Published``. Raises: BrokerUnreachable.

        ``is_retained``: the broker keeps it for whoever comes later; one without data takes it away again.

        Messages above the broker's receive maximum wait here until ``wait`` hears of answers: exceeding it ends
        the connection (MQTT 5, §3.3.4), and paho does not heed it.
        """
        self._backlog.append((topic, event, is_retained))
        self._send_backlog()

    def _send_backlog(self) -> None:
        while self._backlog and self._unanswered < self._window:
            topic, event, is_retained = self._backlog.popleft()
            sent = self._client.publish(topic, event.data, 1, is_retained, PublishProperties(event))
            self._check(sent.rc)
            self._unanswered += 1

    def ask(self, topics: Sequence[str]) -> None:
        """Read these topics as well; what is retained there comes at once. Raises: BrokerUnreachable."""
        self._check(self._client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in topics])[0])

    def leave(self, topics: Sequence[str]) -> None:
        """Read these topics no more. Raises: BrokerUnreachable."""
        self._check(self._client.unsubscribe(list(topics))[0])

    def _check(self, result: MQTTErrorCode) -> None:
        if result is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerUnreachable(f"{self.endpoint}: the connection is gone; what is unfinished waits for the next")

    def settle(self, messages: Sequence[Arrived]) -> None:
        """Tell the broker that these messages need not be delivered again."""
        for message in messages:
            if message.mid:  # QoS 0 has none; the broker ends the connection of whoever settles that
                self._client.ack(message.mid, 1)
        self._holding.settled(len(messages), sum(len(message.data) for message in messages))

    def wait(self, timeout_s: float) -> tuple[Signal, ...]:
        """What happened: everything that is there, at the latest after ``timeout_s``; may be empty."""
        heard: list[Signal] = []
        with contextlib.suppress(queue.Empty):
            heard.append(self._signals.get(timeout=timeout_s))
            while len(heard) < _MOST_SIGNALS:
                heard.append(self._signals.get_nowait())
        self._unanswered -= sum(isinstance(signal, Published) for signal in heard)
        self._send_backlog()
        return tuple(heard)

    def close(self) -> None:
        """End the connection; the session stays on the broker for as long as was agreed."""
        self._holding.end()
        self._client.disconnect()
        self._client.loop_stop()

    def establish(self) -> None:
        """Connect and subscribe. Raises: BrokerUnreachable, BrokerRefused, ConfigError."""
        self._client.tls_set_context(tls(self.endpoint))
        self._client.max_inflight_messages_set(self._terms.window)
        self._connect()
        self._client.loop_start()
        answer = self._answer()
        if answer.reason in _SERVER_BUSY:
            raise BrokerUnreachable(f"{self.endpoint}: the broker says: {answer.text}; try again later")
        if answer.reason >= FAILURE:
            raise BrokerRefused(f"{self.endpoint}: the broker refuses {self._terms.client_id}: {answer.text}")
        self.most_bytes = answer.most_bytes
        self._window = min(self._terms.window, answer.window)
        kept = SubscribeOptions.RETAIN_DO_NOT_SEND if self._terms.settles else SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE
        self._client.subscribe(self._terms.reads, options=SubscribeOptions(qos=1, retainHandling=kept))
        answer = self._answer()
        if answer.reason >= FAILURE:
            raise BrokerRefused(f"{self.endpoint}: the broker refuses reading {self._terms.reads}: {answer.text}")
        self._is_open = True

    def _connect(self) -> None:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._terms.session_s
        properties.ReceiveMaximum = self._terms.window
        where = self.endpoint
        try:
            self._client.connect(
                where.host, where.port, _KEEPALIVE_S, clean_start=self._terms.session_s == 0, properties=properties
            )
        except OSError as error:
            raise not_connected(where, error) from error

    def _answer(self) -> _Answered:
        """What the broker says to CONNECT or SUBSCRIBE.

        With TLS 1.3 a client learns only after its own handshake that its certificate was not accepted, and
        often by a bare hang-up: the broker resets the connection before its alert was read.
        """
        try:
            answer = self._answers.get(timeout=_ANSWER_S)
        except queue.Empty:
            silent = "the broker accepts connections but does not answer; restart it"
            raise BrokerUnreachable(f"{self.endpoint}: {silent}") from None
        if isinstance(answer, Lost):
            raise BrokerRefused(
                f"{self.endpoint}: the broker hung up before answering ({answer.why}); does it accept "
                f"{self.endpoint.certificate_file}, and is that certificate still valid?"
            )
        return answer

    # paho calls these in its own thread, on_publish even holding a lock: they put something on the queue, no more.
    def _on_connect(
        self, client: paho.Client, _: Any, flags: paho.ConnectFlags, reason: Any, properties: Properties | None
    ) -> None:
        window = getattr(properties, "ReceiveMaximum", _MOST_WINDOW)
        most_bytes = getattr(properties, "MaximumPacketSize", _MQTT_MOST_BYTES)
        self._answers.put(_Answered(int(reason.value), str(reason), most_bytes, window))

    def _on_subscribe(self, client: paho.Client, _: Any, mid: int, reasons: list[Any], properties: Any) -> None:
        worst = max(int(reason.value) for reason in reasons)
        if not self._is_open:
            self._answers.put(_Answered(worst, str(reasons[0])))
        elif worst >= FAILURE:
            self._signals.put(Unread(worst))

    def _on_publish(self, client: paho.Client, _: Any, mid: int, reason: Any, properties: Any) -> None:
        self._signals.put(Published(int(reason.value)))

    def _on_message(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        properties = message.properties
        attributes = tuple(getattr(properties, "UserProperty", ()))
        content_type = getattr(properties, "ContentType", "")
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""  # nobody's, and counted as such; an exception here would end paho's thread without a word
        self._holding.let_in(len(message.payload))
        self._signals.put(Arrived(topic, attributes, content_type, bytes(message.payload), message.mid))

    def _on_disconnect(self, client: paho.Client, _: Any, flags: Any, reason: Any, properties: Any) -> None:
        lost = Lost(str(reason))
        self._answers.put(lost)
        self._signals.put(lost)


def open_line(endpoint: Endpoint, terms: Terms) -> Line:
    """A connection on which ``terms.reads`` is subscribed. Raises: BrokerUnreachable, BrokerRefused, ConfigError."""
    line = Line(endpoint, terms)
    try:
        line.establish()
    except BaseException:
        line.close()
        raise
    return line


def send_at_once(client: paho.Client, _: Any, connection: Any) -> None:
    """For paho's on_socket_open: Nagle's algorithm and delayed acknowledgements hold small packets up, 40 ms each."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
