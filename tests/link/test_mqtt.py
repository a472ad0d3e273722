"""Brokers that are absent, refuse, or are not the broker they should be."""

import contextlib
import shutil
import socket
import ssl
import time
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from lapel.errors import BrokerRefused, BrokerUnreachable, ConfigError
from lapel.link.acks import Ack, encode
from lapel.link.endpoint import Endpoint, tls
from lapel.link.events import JSON, CloudEvent
from lapel.link.mqtt import Terms, open_line
from lapel.link.signals import NOT_AUTHORISED, Arrived, Published, Signal
from lapel.link.sync import StationSilent
from lapel.link.topics import STATION, ack_topic, events_topic, every_events_topic
from lapel_tools.broker.certificates import Authority, Pair
from lapel_tools.broker.mosquitto import prepare
from sync_rig import DEVICE, LONGEST_WAIT_S, OTHER, SITE, Rig, wait_until

pytestmark = pytest.mark.mosquitto


def foreign(rig: Rig, folder: Path) -> Endpoint:
    """The rig's broker, approached with a certificate that another authority issued."""
    stranger = Authority.at(folder / "elsewhere").issue(DEVICE)
    return replace(rig.broker.endpoint(DEVICE), certificate_file=stranger.certificate, key_file=stranger.key)


def test_an_absent_broker_is_unreachable_and_records_wait(quiet_rig: Rig) -> None:
    quiet_rig.write(1)
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:\d+: no broker answers .* records wait"):
        quiet_rig.drain()


def test_a_broker_whose_name_is_not_known_is_unreachable(quiet_rig: Rig) -> None:
    quiet_rig.write(1)
    nowhere = replace(quiet_rig.broker.endpoint(DEVICE), host="broker.invalid")
    with pytest.raises(BrokerUnreachable, match=r"broker\.invalid"):
        quiet_rig.drain(quiet_rig.plan(endpoint=nowhere))


def test_a_broker_with_a_foreign_certificate_is_refused(rig: Rig, tmp_path: Path) -> None:
    rig.write(1)
    other = Authority.at(tmp_path / "elsewhere")
    with pytest.raises(BrokerRefused, match=r"not the broker that .*elsewhere/ca\.pem vouches for"):
        rig.drain(rig.plan(endpoint=replace(rig.broker.endpoint(DEVICE), ca_file=other.certificate)))


def test_a_broker_at_an_address_that_its_certificate_does_not_name_is_refused(rig: Rig) -> None:
    rig.write(1)
    with pytest.raises(BrokerRefused, match="not the broker"):
        rig.drain(rig.plan(endpoint=replace(rig.broker.endpoint(DEVICE), host="127.1")))


def test_a_broker_refuses_a_device_with_a_foreign_certificate(rig: Rig, tmp_path: Path) -> None:
    rig.write(1)
    with pytest.raises(BrokerRefused, match=r"does it accept .*elsewhere/cam-1\.pem"):
        rig.drain(rig.plan(endpoint=foreign(rig, tmp_path)))


def test_a_broker_that_speaks_tls_1_2_at_most_is_refused(quiet_rig: Rig) -> None:
    quiet_rig.write(1)
    with OldBroker(quiet_rig.broker.authority.issue("broker")) as old:
        dated = replace(quiet_rig.broker.endpoint(DEVICE), port=old.port)
        with pytest.raises(BrokerRefused, match=r"no TLS 1\.3"):
            quiet_rig.drain(quiet_rig.plan(endpoint=dated))


def test_a_device_that_writes_to_anothers_topic_is_refused_by_the_broker(rig: Rig) -> None:
    with rig.line(DEVICE, ack_topic(SITE, DEVICE)) as line:
        line.publish(events_topic(SITE, OTHER), CloudEvent((), JSON, b"{}"))
        assert _first(line.wait(LONGEST_WAIT_S)) == Published(NOT_AUTHORISED)


def test_a_link_under_anothers_name_is_told_so(rig: Rig) -> None:
    rig.write(1, device=OTHER)
    with pytest.raises(BrokerRefused, match="is cam-2 the common name of its certificate"):
        rig.drain(rig.plan(OTHER, endpoint=rig.broker.endpoint(DEVICE)))


def test_a_device_hears_nothing_of_another_devices_topics(rig: Rig) -> None:
    with (
        rig.line(OTHER, every_events_topic(SITE)) as curious,
        rig.line(STATION, every_events_topic(SITE)) as station,
        rig.line(DEVICE, ack_topic(SITE, DEVICE)) as line,
    ):
        line.publish(events_topic(SITE, DEVICE), CloudEvent((), JSON, b"{}"))
        assert isinstance(_first(station.wait(LONGEST_WAIT_S)), Arrived)
        assert curious.wait(0.2) == ()


def test_an_ack_that_came_while_the_device_was_away_is_delivered_to_its_next_line(rig: Rig) -> None:
    head = rig.write(1) and rig.journal_head()
    with rig.line(STATION, every_events_topic(SITE)) as station:
        with pytest.raises(StationSilent):
            rig.drain()
        station.publish(ack_topic(SITE, DEVICE), CloudEvent((), JSON, encode(Ack(head))))
        while not any(isinstance(signal, Published) for signal in station.wait(LONGEST_WAIT_S)):
            pass
        assert rig.drain().sent == 1


def test_a_message_that_has_expired_is_not_delivered_to_whoever_comes_back(rig: Rig) -> None:
    terms = Terms("sleeper", every_events_topic(SITE), 10, session_s=60)
    open_line(rig.broker.endpoint(STATION), terms).close()
    with rig.line(DEVICE, ack_topic(SITE, DEVICE)) as line:
        for expires_s in (1, 600):
            line.publish(events_topic(SITE, DEVICE), CloudEvent((), JSON, str(expires_s).encode(), expires_s))
        time.sleep(2.1)  # mosquitto counts whole seconds
    with open_line(rig.broker.endpoint(STATION), terms) as again:
        came = [signal for signal in again.wait(LONGEST_WAIT_S) if isinstance(signal, Arrived)]
    assert [message.data for message in came] == [b"600"]


def test_new_certificates_are_taken_at_the_next_connection_and_no_record_is_lost(rig: Rig) -> None:
    rig.write(20)
    with rig.staying():
        with rig.station() as station:
            wait_until(lambda: station.done == 20)
        rig.write(20)
        rig.kill_broker()
        shutil.rmtree(rig.broker.authority.folder)
        wait_until(lambda: ("link_lost", "BadCredentials") in lost(rig))
        rig.broker = prepare(rig.broker.folder, SITE, (DEVICE,), rig.broker.port)
        rig.start_broker()
        with rig.station():
            wait_until(lambda: rig.held() == rig.journal_head())
    assert rig.held().size == 40


def lost(rig: Rig) -> list[tuple[str, object]]:
    return [(name, fields.get("error")) for name, fields in rig.notes.events]


@pytest.mark.parametrize("name", ["ca_file", "certificate_file", "key_file"])
def test_a_missing_certificate_file_is_named(rig: Rig, name: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    values = {name: missing}
    with pytest.raises(ConfigError, match=r"missing\.pem: no such file"):
        tls(replace(rig.broker.endpoint(DEVICE), **values))


def test_a_key_that_does_not_belong_to_the_certificate_is_named(rig: Rig) -> None:
    other = rig.broker.endpoint(OTHER).key_file
    with pytest.raises(ConfigError, match=r"cam-1\.pem: does not go with .*cam-2\.key"):
        tls(replace(rig.broker.endpoint(DEVICE), key_file=other))


def _first(signals: tuple[Signal, ...]) -> Signal:
    assert signals, "the broker said nothing"
    return signals[0]


class OldBroker:
    """Something that accepts one connection, by TLS 1.2 only."""

    def __init__(self, pair: Pair) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pair.certificate, pair.key)
        self._context.maximum_version = ssl.TLSVersion.TLSv1_2
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = Thread(target=self._serve)

    def __enter__(self) -> "OldBroker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(LONGEST_WAIT_S)
        self._listener.close()

    def _serve(self) -> None:
        with self._listener.accept()[0] as plain, contextlib.suppress(OSError):
            self._context.wrap_socket(plain, server_side=True).close()
