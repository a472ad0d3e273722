"""The lookout lends keys once it is unlocked, and whoever borrowed them ends when it is locked again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from lapel.cli.main import LOCKED
from lapel.errors import DeviceLocked
from lapel.fakes.keys import FixedKey
from lapel.wiring.lent_keys import SOCKET, Lender, LentKeys, unlocked_link
from lapel.wiring.local import asked
from sync_rig import LONGEST_WAIT_S, Rig, finish, quiet_rig, rig, wait_until

__all__ = ["quiet_rig", "rig"]


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    lending = Lender(tmp_path)
    yield lending
    lending.close()


def test_nothing_is_lent_while_the_device_is_locked(lender: Lender, tmp_path: Path) -> None:
    with pytest.raises(DeviceLocked, match=r"LOCKED; give its passphrase on the officer's page"):
        LentKeys(tmp_path).derive("journal", b"salt")


def test_what_was_lent_stays_with_whoever_has_it_and_nothing_more_is(lender: Lender, tmp_path: Path) -> None:
    lender.keys, keys = FixedKey(), LentKeys(tmp_path)
    assert keys.derive("journal", b"salt") == FixedKey().derive("journal", b"salt")
    lender.keys = None
    assert keys.derive("journal", b"salt") == FixedKey().derive("journal", b"salt")
    with pytest.raises(DeviceLocked):
        keys.derive("journal", b"another")


def test_only_its_own_user_and_root_can_ask(lender: Lender, tmp_path: Path) -> None:
    lender.keys = FixedKey()
    assert (tmp_path / SOCKET).stat().st_mode & 0o077 == 0
    assert lender._answer(b'{"purpose": "journal", "salt": "00"}', os.geteuid() + 1) == b"{}"


@pytest.mark.parametrize("message", [b"7", b"[]", b'{"purpose": "x"}', b'{"purpose": "x", "salt": "no"}', b"\xff"])
def test_nonsense_gets_no_key_and_the_next_is_heard(message: bytes, lender: Lender, tmp_path: Path) -> None:
    lender.keys = FixedKey()
    assert b"key" not in (asked(tmp_path / SOCKET, message, 4096) or b"")
    assert LentKeys(tmp_path).derive("journal", b"salt")


def test_a_lookout_that_merely_ended_locks_nobody_out_and_a_locked_one_does(tmp_path: Path) -> None:
    first = Lender(tmp_path)
    first.keys, stop = FixedKey(), Event()
    with unlocked_link(LentKeys(tmp_path), stop, lambda: pytest.fail("it waits")) as locked:
        first.close()
        assert not stop.wait(1.5)  # looked for once meanwhile
        second = Lender(tmp_path)
        assert stop.wait(LONGEST_WAIT_S)
        assert locked.is_set()
    second.close()


def test_whoever_has_keys_of_his_own_waits_for_nobody() -> None:
    with unlocked_link(FixedKey(), Event(), lambda: pytest.fail("it waits")) as locked:
        assert not locked.is_set()


def site_of(device: Rig) -> Path:
    """Of a device whose card holds no key any more: the test alone does."""
    (device.state / "device.key").unlink()
    path = device.state.with_name("site.toml")
    path.write_text(
        '[device]\nsite = "depot"\nname = "cam-1"\n[state]\nunlock = "phone"\n[companion]\naddress = "127.0.0.1"\n'
    )
    return path


@pytest.mark.mosquitto
def test_the_link_waits_for_keys_sends_what_waits_and_ends_when_the_device_is_locked(rig: Rig) -> None:
    written = rig.write(3)
    lender, site = Lender(rig.state), site_of(rig)
    with rig.station():
        link = rig.link_command("--site", site, "--site-name", "depot")
        assert link.stderr is not None
        assert '"event": "locked"' in link.stderr.readline()
        assert rig.held().size == 0
        lender.keys = rig.key
        wait_until(lambda: rig.held().size == len(written))
        lender.keys = None
        code, _, _ = finish(link)
    lender.close()
    assert code == LOCKED


@pytest.mark.mosquitto
def test_a_link_that_waits_for_keys_ends_well_when_it_is_stopped(quiet_rig: Rig) -> None:
    lender, site = Lender(quiet_rig.state), site_of(quiet_rig)
    link = quiet_rig.link_command("--site", site, "--site-name", "depot")
    assert link.stderr is not None
    assert '"event": "locked"' in link.stderr.readline()
    link.send_signal(signal.SIGTERM)
    assert finish(link)[0] == 0
    lender.close()
