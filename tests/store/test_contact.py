"""The last contact: kept durably, by the device alone, and never earlier than it was."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lapel.errors import Tampered
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.contact import CONTACT, Contacts, last_contact

KEY = FixedKey()


def at(clock: FakeClock) -> datetime:
    return datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC)


def test_before_the_first_contact_there_is_none(tmp_path: Path) -> None:
    assert last_contact(tmp_path, KEY) is None


def test_a_contact_is_there_for_another_process(tmp_path: Path) -> None:
    clock = FakeClock()
    Contacts(tmp_path, KEY, clock).note()
    found = last_contact(tmp_path, KEY)
    assert found is not None
    assert (found.at, found.boot, found.monotonic_ns) == (at(clock), clock.boot_id(), clock.monotonic_ns())


def test_a_kill_leaves_no_draft_beyond_the_next_contact_and_another_programs_stays(tmp_path: Path) -> None:
    drafts = [tmp_path / name for name in (".contact.json.link-ab.part", ".lease.json.link-ab.part")]
    others = tmp_path / ".lease.json.lookout-ab.part"
    for path in (*drafts, others):
        path.write_bytes(b"cut")
    Contacts(tmp_path, KEY, FakeClock()).note()
    assert sorted(path.name for path in tmp_path.iterdir()) == [others.name, CONTACT, "lease.json"]


def test_a_clock_set_back_does_not_make_the_contact_earlier(tmp_path: Path) -> None:
    clock = FakeClock()
    contacts = Contacts(tmp_path, KEY, clock)
    contacts.note()
    before = at(clock)
    clock.advance(120)
    clock.set_wall(before - timedelta(days=2))
    contacts.note()
    found = last_contact(tmp_path, KEY)
    assert found is not None
    assert (found.at, found.monotonic_ns) == (before, clock.monotonic_ns())


def test_a_contact_is_written_at_most_once_a_minute_and_again_after_a_start(tmp_path: Path) -> None:
    clock = FakeClock()
    contacts = Contacts(tmp_path, KEY, clock)
    contacts.note()
    first = (tmp_path / CONTACT).stat().st_ino
    clock.advance(59)
    contacts.note()
    assert (tmp_path / CONTACT).stat().st_ino == first
    clock.advance(1)
    contacts.note()
    found = last_contact(tmp_path, KEY)
    assert found is not None
    assert found.at == at(clock)
    clock.reboot()
    contacts.note()
    assert last_contact(tmp_path, KEY) != found


def test_a_contact_that_another_key_wrote_counts_for_nothing(tmp_path: Path) -> None:
    Contacts(tmp_path, FixedKey(b"another"), FakeClock()).note()
    with pytest.raises(Tampered, match=r"contact\.json"):
        last_contact(tmp_path, KEY)


_SAID = b'{"at": "2026-01-31T12:00:00+00:00", "boot": "b", "salt": "00", '


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 50_000,
        b'{"proof": 1, "salt": "zz"}',
        _SAID + b'"monotonic_ns": Infinity, "proof": "aa"}',
        _SAID + rb'"monotonic_ns": 1, "proof": "\ud800"}',
    ],
)
def test_a_damaged_file_counts_for_nothing_and_is_written_anew(tmp_path: Path, data: bytes) -> None:
    (tmp_path / CONTACT).write_bytes(data)
    with pytest.raises(Tampered):
        last_contact(tmp_path, KEY)
    Contacts(tmp_path, KEY, FakeClock()).note()
    assert last_contact(tmp_path, KEY) is not None


def test_a_later_time_written_into_the_file_counts_for_nothing(tmp_path: Path) -> None:
    Contacts(tmp_path, KEY, FakeClock()).note()
    values = json.loads((tmp_path / CONTACT).read_bytes())
    values["at"] = "2099-01-01T00:00:00+00:00"
    (tmp_path / CONTACT).write_text(json.dumps(values))
    with pytest.raises(Tampered):
        last_contact(tmp_path, KEY)
