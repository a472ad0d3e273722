"""The doctor on a real broker: reached with this device's certificate, which has a last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lapel.config.profile import load_profile
from lapel.config.site import Broker, Device, Site
from lapel.errors import ConfigError
from lapel.fakes.gallery import MODEL_SHA256
from lapel.link.events import JSON, CloudEvent
from lapel.link.mqtt import Terms, open_line
from lapel.link.signals import Published
from lapel.link.topics import ack_topic, events_topic
from lapel.wiring.doctor import Patient, Verdict, examine_given
from lapel.wiring.doctor_broker import examine_broker
from lapel.wiring.doctor_sandbox import UNIT
from lapel_tools.broker.certificates import Authority
from sync_rig import DEVICE, LONGEST_WAIT_S, SITE, Rig, quiet_rig, rig

__all__ = ["quiet_rig", "rig"]
pytestmark = pytest.mark.mosquitto


def site_of(rig: Rig) -> Site:
    end = rig.broker.endpoint(DEVICE)
    return Site(
        Device(SITE, DEVICE), broker=Broker(end.host, end.port, end.ca_file, end.certificate_file, end.key_file)
    )


def found(site: Site) -> Verdict:
    (verdict,) = examine_given(Patient(load_profile("ci-video"), site=site), MODEL_SHA256)
    assert verdict.name == "broker"
    return verdict


def test_a_broker_that_takes_the_device_is_fine_while_its_link_keeps_its_line(rig: Rig) -> None:
    as_the_link = Terms(f"lapel-{SITE}-{DEVICE}", ack_topic(SITE, DEVICE), window=1)
    with open_line(rig.broker.endpoint(DEVICE), as_the_link) as line:
        broker = found(site_of(rig))
        line.publish(events_topic(SITE, DEVICE), CloudEvent((), JSON, b"{}"))
        assert [type(signal) for signal in line.wait(LONGEST_WAIT_S)] == [Published]
    assert broker.is_fine, broker.said
    assert "takes this device; its certificate ends on " in broker.said


def test_a_broker_that_is_absent_is_a_finding(quiet_rig: Rig) -> None:
    broker = found(site_of(quiet_rig))
    assert not broker.is_fine
    assert "no broker answers" in broker.said


def test_a_certificate_that_the_broker_does_not_take_is_a_finding(rig: Rig, tmp_path: Path) -> None:
    stranger = Authority.at(tmp_path / "elsewhere").issue(DEVICE)
    site = site_of(rig)
    foreign = replace(site.broker, certificate_file=stranger.certificate, key_file=stranger.key)
    broker = found(replace(site, broker=foreign))
    assert not broker.is_fine
    assert "does it accept" in broker.said


def test_a_certificate_that_ends_soon_is_a_finding_that_says_how_to_renew_it(rig: Rig) -> None:
    end = rig.broker.endpoint(DEVICE)
    with pytest.raises(ConfigError, match=r"ends on .*, in 9 days; .*lapel-admin device add --replace"):
        examine_broker(end, SITE, DEVICE, datetime.now(UTC) + timedelta(days=80))


def test_a_certificate_that_has_ended_is_a_finding_before_any_broker_is_asked(quiet_rig: Rig) -> None:
    end = quiet_rig.broker.endpoint(DEVICE)
    with pytest.raises(ConfigError, match="ended on "):
        examine_broker(end, SITE, DEVICE, datetime.now(UTC) + timedelta(days=99))


def test_inside_the_lookout_which_has_no_network_no_broker_is_tried(
    quiet_rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel.wiring.doctor_broker.unit_around", lambda: UNIT)
    broker = found(site_of(quiet_rig))
    assert broker.is_fine
    assert "not tried" in broker.said


def test_a_site_without_a_broker_hears_nothing_of_one() -> None:
    assert list(examine_given(Patient(load_profile("ci-video"), site=Site(Device(SITE, DEVICE))), MODEL_SHA256)) == []
