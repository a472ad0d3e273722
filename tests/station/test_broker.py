"""The local broker's certificates and settings."""

import ssl
from pathlib import Path

import pytest

from lapel.errors import BrokerUnreachable, ConfigError
from lapel.link.topics import STATION
from lapel_tools.broker.certificates import Authority
from lapel_tools.broker.mosquitto import prepare, start
from sync_rig import SITE, Rig


def test_private_keys_are_their_owners_alone(tmp_path: Path) -> None:
    pair = Authority.at(tmp_path).issue("cam-1")
    assert pair.key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "ca.key").stat().st_mode & 0o777 == 0o600


def test_an_authority_that_is_there_is_kept_with_what_it_issued(tmp_path: Path) -> None:
    first = Authority.at(tmp_path).issue("cam-1").certificate.read_bytes()
    assert Authority.at(tmp_path).issue("cam-1").certificate.read_bytes() == first


def test_a_certificate_opens_with_its_own_key(tmp_path: Path) -> None:
    pair, other = (Authority.at(tmp_path).issue(name) for name in ("cam-1", "cam-2"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_cert_chain(pair.certificate, pair.key)
    with pytest.raises(ssl.SSLError, match="KEY_VALUES_MISMATCH"):
        context.load_cert_chain(pair.certificate, other.key)


def test_a_device_that_calls_itself_the_station_gets_no_certificate(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="station's own name"):
        prepare(tmp_path, SITE, (STATION,))


def test_a_site_name_cannot_change_the_access_list(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="site"):
        prepare(tmp_path, "depot/#\ntopic readwrite #", ("cam-1",))


@pytest.mark.mosquitto
def test_a_port_that_another_program_has_is_said_before_anything_starts(rig: Rig) -> None:
    with pytest.raises(BrokerUnreachable, match="another program listens there"):
        start(rig.broker)
