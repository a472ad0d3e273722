"""A stolen device is kept off a real broker: refused when it comes, and ended where it is connected."""

from __future__ import annotations

import socket
import ssl
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from lapel.errors import BrokerRefused, BrokerUnreachable
from lapel.link.events import JSON, CloudEvent
from lapel.link.mqtt import Line, Terms, open_line
from lapel.link.signals import FAILURE, NOT_AUTHORISED, Lost, Published
from lapel.link.topics import ADMINISTRATOR, ack_topic, events_topic
from lapel.store.link_key import LINK_KEY, make_link_key
from lapel_tools.broker.ending import CONTROL, end_sessions, probe, wait_until_refused
from lapel_tools.cli.main import main
from sync_rig import DEVICE, LONGEST_WAIT_S, OTHER, SITE, Rig, wait_until

pytestmark = pytest.mark.mosquitto
CONNECT = bytes.fromhex("10100004 4d515454 05 02 0014 00 0003 726177".replace(" ", ""))
"""An MQTT 5 CONNECT of the client "raw"."""


def revoke(rig: Rig, folder: Path, *options: str, name: str = DEVICE) -> int:
    where = ["--certificates", str(rig.broker.authority.folder), "--broker", f"127.0.0.1:{rig.broker.port}"]
    return main(["device", "revoke", "--dir", str(folder), name, *where, *options])


def has_ended(line: Line) -> bool:
    return any(isinstance(signal, Lost) for signal in line.wait(0.1))


def is_open(line: Line, device: str) -> bool:
    line.publish(events_topic(SITE, device), CloudEvent((), JSON, b"{}"))
    (signal,) = line.wait(LONGEST_WAIT_S)
    return isinstance(signal, Published) and signal.reason < FAILURE


def test_its_sessions_end_it_is_refused_from_then_on_and_others_notice_nothing(rig: Rig, tmp_path: Path) -> None:
    with ExitStack() as lines:
        records, lists = (lines.enter_context(rig.line(DEVICE, ack_topic(SITE, DEVICE))) for _ in range(2))
        other = lines.enter_context(rig.line(OTHER, ack_topic(SITE, OTHER)))
        assert is_open(records, DEVICE)
        assert revoke(rig, tmp_path, "--reload", rig.reload_command) == 0
        wait_until(lambda: has_ended(records))
        wait_until(lambda: has_ended(lists))
        with pytest.raises(BrokerRefused):
            rig.line(DEVICE, ack_topic(SITE, DEVICE))
        assert is_open(other, OTHER)
        rig.line(OTHER, ack_topic(SITE, OTHER)).close()


def test_a_device_connects_by_the_key_that_it_made_and_is_ended_like_any_other(rig: Rig, tmp_path: Path) -> None:
    request = make_link_key(tmp_path, "cam-9")
    certificate = rig.broker.authority.certify(request.encode(), "cam-9")
    end = replace(rig.broker.endpoint(DEVICE), certificate_file=certificate, key_file=tmp_path / LINK_KEY)
    terms = Terms("lapel-cam-9", ack_topic(SITE, "cam-9"), 10)
    with open_line(end, terms) as line:
        assert is_open(line, "cam-9")
        assert revoke(rig, tmp_path, "--reload", rig.reload_command, name="cam-9") == 0
        wait_until(lambda: has_ended(line))
    with pytest.raises(BrokerRefused):
        open_line(end, terms)


def test_the_next_stolen_device_is_refused_as_well(rig: Rig, tmp_path: Path) -> None:
    for name in (DEVICE, OTHER):
        assert revoke(rig, tmp_path, "--reload", rig.reload_command, name=name) == 0
    for name in (DEVICE, OTHER):
        with pytest.raises(BrokerRefused):
            rig.line(name, ack_topic(SITE, name))


def test_revoking_again_ends_again_what_a_first_try_left(rig: Rig, tmp_path: Path) -> None:
    assert revoke(rig, tmp_path, "--reload", "false") == 4
    with rig.line(DEVICE, ack_topic(SITE, DEVICE)) as line:
        assert revoke(rig, tmp_path, "--reload", rig.reload_command) == 0
        wait_until(lambda: has_ended(line))


def test_it_cannot_come_back_by_resuming_its_tls_session(rig: Rig, tmp_path: Path) -> None:
    end = rig.broker.endpoint(DEVICE)
    context = ssl.create_default_context(cafile=str(end.ca_file))
    context.load_cert_chain(end.certificate_file, end.key_file)

    def connected(session: ssl.SSLSession | None = None) -> tuple[bytes, ssl.SSLSession | None, bool]:
        with (
            socket.create_connection((end.host, end.port), LONGEST_WAIT_S) as plain,
            context.wrap_socket(plain, server_hostname=end.host, session=session) as line,
        ):
            line.sendall(CONNECT)
            return line.recv(100), line.session, line.session_reused

    _, first, _ = connected()
    answer, second, is_resumed = connected(first)
    assert answer[0] == 0x20
    assert is_resumed  # or the rest of this test shows nothing
    assert revoke(rig, tmp_path, "--reload", rig.reload_command) == 0
    with suppress(OSError):  # an alert, or a bare hang-up
        assert connected(second)[0] == b""


def test_a_broker_that_did_not_read_the_list_anew_is_told_with_what_to_do(rig: Rig) -> None:
    with probe(rig.broker.authority, "127.0.0.1", rig.broker.port) as made, pytest.raises(BrokerRefused) as refused:
        wait_until_refused(made.revoked, within_s=0.3)
    assert "still takes a certificate that is revoked" in str(refused.value)
    assert "systemctl reload mosquitto" in str(refused.value)


def test_a_broker_that_cannot_end_sessions_is_told_with_what_to_do(quiet_rig: Rig) -> None:
    config = quiet_rig.broker.config
    config.write_text("\n".join(line for line in config.read_text().splitlines() if not line.startswith("plugin")))
    quiet_rig.start_broker()
    with (
        probe(quiet_rig.broker.authority, "127.0.0.1", quiet_rig.broker.port) as made,
        pytest.raises(BrokerUnreachable, match="dynamic security plugin"),
    ):
        end_sessions(made.good, DEVICE, within_s=0.5)


def test_no_device_ends_the_sessions_of_another(rig: Rig) -> None:
    order = b'{"commands": [{"command": "createClient", "username": "cam-2"}]}'
    with rig.line(OTHER, ack_topic(SITE, OTHER)) as other, rig.line(DEVICE, ack_topic(SITE, DEVICE)) as line:
        line.publish(CONTROL, CloudEvent((), JSON, order))
        assert line.wait(LONGEST_WAIT_S) == (Published(NOT_AUTHORISED),)
        assert is_open(other, OTHER)


def test_the_certificates_that_do_it_are_gone_afterwards(rig: Rig, tmp_path: Path) -> None:
    assert revoke(rig, tmp_path, "--reload", rig.reload_command) == 0
    assert not any(ADMINISTRATOR in path.name for path in rig.broker.folder.rglob("*"))


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("no-such-program", 2, "cannot be run"),
        ("sh -c 'echo not now >&2; exit 3'", 4, "exit code 3: not now"),
    ],
)
def test_a_reload_that_fails_is_one_line(
    rig: Rig, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, code: int, said: str
) -> None:
    assert revoke(rig, tmp_path, "--reload", command) == code
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_broker_that_is_not_there_is_said_after_the_certificate_was_revoked(
    quiet_rig: Rig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert revoke(quiet_rig, tmp_path) == 4
    heard = capsys.readouterr()
    assert "its certificate is revoked" in heard.out
    assert "no broker answers" in heard.err
