"""The local socket: what others record reaches the one writer, whether it runs, starts, ends or was killed."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapel.core.audit import examine
from lapel.core.clip_records import Purged, export_event, purge_event
from lapel.core.handed import LONGEST_BYTES, encoded
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Record, RecordKind
from lapel.errors import Refused, StoreError, StoreFull, StoreLocked, UsageError
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.wiring.handover import SOCKET, Handed, Inbox, hand_over, inbox

EXPORT = export_event("ab" * 16, "film", "cd" * 32, "Officer 7", "court order 12")
NOBODY = 65534


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder whose journal has the start of a watch."""
    with SealedJournal(tmp_path / JOURNAL, FixedKey(), FakeClock(), "cam-7") as journal:
        journal.append(Event(RecordKind.START, ()))
    return tmp_path


@pytest.fixture
def journal(state: Path) -> Iterator[SealedJournal]:
    """The journal of a lookout that listens."""
    with SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), "cam-7") as opened:
        box = Inbox(state, opened.append)
        yield opened
        box.close()


def handed(state: Path, event: Event = EXPORT, patience_s: float = 5.0) -> Handed:
    return hand_over(state, event, FixedKey(), FakeClock(), patience_s)


def kept(state: Path) -> tuple[Record, ...]:
    with SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), read_only=True) as journal:
        with journal.stored() as (head, rows):
            assert examine(rows, head).findings == ()
        return journal.after(0, 1000)


def said_to(state: Path, message: bytes) -> dict[str, object]:
    """The lookout's answer to a message that no program of ours would send."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as channel:
        channel.settimeout(5)
        channel.connect(str(state / SOCKET))
        channel.send(message)
        answer = json.loads(channel.recv(8192))
        assert isinstance(answer, dict)
        return answer


def test_a_running_lookout_records_what_it_is_handed(state: Path, journal: SealedJournal) -> None:
    answer = handed(state)
    (record,) = journal.of_kind(RecordKind.EXPORT)
    assert (record.id, record.sequence) == (answer.id, answer.sequence) == (answer.id, 1)


def test_with_no_lookout_running_it_is_recorded_under_the_devices_own_name(state: Path) -> None:
    handed(state)
    (record,) = kept(state)
    body = parse_body(record.body)
    assert (body.kind, body.device) == (RecordKind.EXPORT, "cam-7")


def test_the_socket_of_a_killed_lookout_holds_nobody_up(state: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as dead:
        dead.bind(str(state / SOCKET))
    handed(state)
    assert len(kept(state)) == 1
    with SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), "cam-7") as journal:
        box = Inbox(state, journal.append)
        handed(state)
        box.close()
    assert len(kept(state)) == 2


def test_a_lookout_that_only_starts_is_waited_for(state: Path) -> None:
    with SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), "cam-7") as journal:
        boxes: list[Inbox] = []
        timer = threading.Timer(0.5, lambda: boxes.append(Inbox(state, journal.append)))
        timer.start()
        handed(state)
        timer.join()
        boxes[0].close()
    assert len(kept(state)) == 1


def test_a_journal_that_is_held_and_does_not_listen_is_an_error_in_the_end(state: Path) -> None:
    with (
        SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), "cam-7"),
        pytest.raises(StoreLocked, match="is writing it"),
    ):
        handed(state, patience_s=0.3)


def test_many_at_once_while_lookouts_come_and_go_are_each_recorded_in_one_whole_chain(state: Path) -> None:
    events = [purge_event(f"{number:032x}", Purged.HAND, "Officer 7", "test") for number in range(24)]
    threads = [threading.Thread(target=handed, args=(state, event, 30.0)) for event in events]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        try:
            with SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), "cam-7") as journal:
                box = Inbox(state, journal.append)
                time.sleep(0.05)
                box.close()
        except StoreLocked:
            time.sleep(0.01)
    clips = {dict(parse_body(record.body).facts)["clip"] for record in kept(state)}
    assert clips == {f"{number:032x}" for number in range(24)}


def test_the_socket_is_the_owners_alone_and_goes_with_the_lookout(state: Path) -> None:
    with SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), "cam-7") as journal:
        box = Inbox(state, journal.append)
        assert (state / SOCKET).stat().st_mode & 0o777 == 0o600
        box.close()
    assert not (state / SOCKET).exists()


def test_another_user_is_not_heard_even_where_the_file_lets_him(state: Path, journal: SealedJournal) -> None:
    if os.geteuid() != 0:
        pytest.skip("another user to speak as: run as root")
    folders = [folder for folder in (state, *state.parents) if folder.stat().st_mode & 0o001 == 0]
    for folder in folders:
        folder.chmod(0o711)
    (state / SOCKET).chmod(0o666)
    os.seteuid(NOBODY)
    try:
        answer = said_to(state, encoded(EXPORT))
    finally:
        os.seteuid(0)
        for folder in folders:
            folder.chmod(0o700)
    assert answer == {"refused": f"user {NOBODY} is not the lookout's"}
    assert journal.of_kind(RecordKind.EXPORT) == ()


@pytest.mark.parametrize(
    "message",
    [b"nonsense", b'{"kind": "alert", "facts": {}}', b" " * (LONGEST_BYTES + 1), b"[" * LONGEST_BYTES, b"\xff"],
)
def test_what_may_not_be_handed_over_is_refused_and_the_next_is_heard(
    state: Path, journal: SealedJournal, message: bytes
) -> None:
    assert "refused" in said_to(state, message)
    assert handed(state).sequence == 1


def test_whoever_connects_and_says_nothing_holds_up_nobody_for_long(state: Path, journal: SealedJournal) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as mute:
        mute.connect(str(state / SOCKET))
        began_s = time.monotonic()
        handed(state)
        assert time.monotonic() - began_s < 5


def test_an_alert_cannot_be_handed_over(state: Path) -> None:
    with pytest.raises(UsageError, match="can be handed over"):
        handed(state, Event(RecordKind.ALERT, ()))


def test_a_journal_that_keeps_nothing_is_told_to_whoever_hands_over(state: Path) -> None:
    def full(event: Event) -> Record:
        raise StoreFull("journal.db: quota is full")

    box = Inbox(state, full)
    with pytest.raises(StoreError, match="quota is full"):
        handed(state)
    box.close()


def test_a_refusal_by_the_lookout_is_told_to_whoever_hands_over(state: Path) -> None:
    def strict(event: Event) -> Record:
        raise ValueError("not today")

    box = Inbox(state, strict)
    with pytest.raises(Refused, match="not today"):
        handed(state)
    box.close()


def test_a_folder_without_a_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--state"):
        handed(tmp_path)


def test_a_folder_with_a_very_long_name_has_a_socket_too(state: Path) -> None:
    deep = state / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    with SealedJournal(deep / JOURNAL, FixedKey(), FakeClock(), "cam-7") as journal:
        box = Inbox(deep, journal.append)
        assert handed(deep).sequence == 0
        box.close()


def test_a_watch_whose_folder_takes_no_socket_goes_on_and_says_so(state: Path) -> None:
    said: list[str] = []
    (state / SOCKET).mkdir()
    with (
        SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), "cam-7") as journal,
        inbox(state, journal.append, said.append),
    ):
        pass
    assert said[0].startswith("NOTHING CAN BE HANDED OVER")
